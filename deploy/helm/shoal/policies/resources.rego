# What is rendered, as the policies ask for it. They judge all of it together: conftest test --combine.
package main

import rego.v1

resources contains resource if {
	some file in input
	resource := file.contents
	is_object(resource)
}

resources contains resource if {
	some file in input
	is_array(file.contents)
	some resource in file.contents
}

of_kind(kind) := {resource | some resource in resources; resource.kind == kind}

pods contains deployment.spec.template.spec if some deployment in of_kind("Deployment")

containers contains container if {
	some pod in pods
	some container in pod.containers
}

configurations contains yaml.unmarshal(map.data["shoal.yaml"]) if {
	some map in of_kind("ConfigMap")
	map.data["shoal.yaml"]
}
