# Secrets come by file, and not over a line that is in the clear.
package main

import rego.v1

deny contains sprintf("secret-in-environment: %s must come by a file, or by a reference to a secret", [variable.name]) if {
	some container in containers
	some variable in container.env
	regex.match(`(PASSWORD|SECRET|TOKEN|PASSPHRASE)$`, variable.name)
	variable.value
}

deny contains sprintf("secret-in-configuration: %s must be given by %sFile", [concat(".", path), path[count(path) - 1]]) if {
	some configuration in configurations
	walk(configuration, [path, value])
	count(path) > 0
	path[count(path) - 1] in {"password", "clientSecret", "token"}
	is_string(value)
	not startswith(value, "${")
}

deny contains "password-in-the-clear: kafka.tls.enabled must be true when kafka.sasl is set" if {
	some configuration in configurations
	is_object(configuration.kafka.sasl)
	not object.get(configuration, ["kafka", "tls", "enabled"], false)
}

deny contains sprintf("password-in-the-clear: registry.url must be https when it is asked with a password or token: got %s", [configuration.registry.url]) if {
	some configuration in configurations
	some key in ["password", "passwordFile", "token", "tokenFile"]
	configuration.registry[key]
	not startswith(configuration.registry.url, "https://")
}
