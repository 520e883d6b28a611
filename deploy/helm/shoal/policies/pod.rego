# How a pod may run: Kubernetes' restricted standard, and what Shoal needs beside it.
package main

import rego.v1

deny contains sprintf("mutable-image: %s must name a release or a digest", [container.image]) if {
	some container in containers
	not regex.match(`(@sha256:[0-9a-f]{64}|:v?[0-9]+\.[0-9]+\.[0-9]+[^:/]*)$`, container.image)
}

deny contains "unlimited-memory: the container must have a limit of memory, and ask for memory and processors" if {
	some container in containers
	not has_bounds(container.resources)
}

has_bounds(resources) if {
	resources.limits.memory
	resources.requests.memory
	resources.requests.cpu
}

deny contains sprintf("unrestricted-pod: %s", [fault]) if {
	some pod in pods
	some fault in pod_faults(pod)
}

pod_faults(pod) := {fault |
	some fault, holds in {
		"runAsNonRoot must be true": object.get(pod, ["securityContext", "runAsNonRoot"], false) == true,
		"seccompProfile must be RuntimeDefault": object.get(pod, ["securityContext", "seccompProfile", "type"], "") == "RuntimeDefault",
		"automountServiceAccountToken must be false": object.get(pod, "automountServiceAccountToken", true) == false,
		"hostNetwork, hostPID and hostIPC must not be set": count({key | some key in ["hostNetwork", "hostPID", "hostIPC"]; pod[key]}) == 0,
		"no volume may be a path of the host": count([volume | some volume in pod.volumes; volume.hostPath]) == 0,
	}
	holds == false
}

deny contains sprintf("unrestricted-pod: %s", [fault]) if {
	some container in containers
	some fault, holds in {
		"allowPrivilegeEscalation must be false": object.get(container, ["securityContext", "allowPrivilegeEscalation"], true) == false,
		"readOnlyRootFilesystem must be true": object.get(container, ["securityContext", "readOnlyRootFilesystem"], false) == true,
		"all capabilities must be dropped": object.get(container, ["securityContext", "capabilities", "drop"], []) == ["ALL"],
	}
	holds == false
}

deny contains "probes-missing: the container must have a startup, a liveness and a readiness probe" if {
	some container in containers
	some probe in ["startupProbe", "livenessProbe", "readinessProbe"]
	not container[probe]
}

deny contains sprintf("hurried-stop: terminationGracePeriodSeconds must be more than worker.shutdownMs, %d: got %d", [needed, pod.terminationGracePeriodSeconds]) if {
	some pod in pods
	some configuration in configurations
	needed := object.get(configuration, ["worker", "shutdownMs"], 10000)
	pod.terminationGracePeriodSeconds * 1000 <= needed
}
