# What keeps the work going on while nodes come and go, and who may reach it.
package main

import rego.v1

deny contains "blocked-drain: a PodDisruptionBudget must let one pod go: maxUnavailable is 0" if {
	some budget in of_kind("PodDisruptionBudget")
	budget.spec.maxUnavailable in {0, "0%"}
}

deny contains "lonely-replica: a Deployment must have two replicas, or something that scales it" if {
	some deployment in of_kind("Deployment")
	deployment.spec.replicas < 2
}

deny contains "unspread: pods must be spread over zones or nodes" if {
	some pod in pods
	count(object.get(pod, "topologySpreadConstraints", [])) == 0
}

deny contains "open-network: a NetworkPolicy must say who may come in and where it may go" if {
	count(of_kind("Deployment")) > 0
	count(of_kind("NetworkPolicy")) == 0
}

deny contains "open-network: an empty peer lets everybody in" if {
	some policy in of_kind("NetworkPolicy")
	some rule in policy.spec.ingress
	some peer in rule.from
	count(peer) == 0
}

deny contains sprintf("upside-down: the most replicas must be at least the fewest, %d: got %d", [fewest, most]) if {
	some scaler in of_kind("HorizontalPodAutoscaler") | of_kind("ScaledObject")
	fewest := object.get(scaler.spec, "minReplicas", object.get(scaler.spec, "minReplicaCount", 1))
	most := object.get(scaler.spec, "maxReplicas", object.get(scaler.spec, "maxReplicaCount", 1))
	most < fewest
}
