# Rules of the kind that admission libraries have, over an AdmissionReview; their parameters are data.
package bench

containers contains container if some container in input.review.object.spec.containers

containers contains container if some container in input.review.object.spec.initContainers

containers contains container if some container in input.review.object.spec.template.spec.containers

pod := input.review.object.spec if input.review.kind.kind == "Pod"

pod := input.review.object.spec.template.spec if input.review.kind.kind in {"Deployment", "DaemonSet", "StatefulSet"}

named(rule, text) := {"rule": rule, "msg": text}

violation contains named("labels", sprintf("labels are missing: %v", [missing])) if {
	given := {label | some label, _ in input.review.object.metadata.labels}
	required := {label | some label in data.parameters.labels}
	missing := required - given
	count(missing) > 0
}

violation contains named("label-value", sprintf("label %v has the value %v", [key, value])) if {
	some key, value in input.review.object.metadata.labels
	some expected in data.parameters.label_values
	expected.key == key
	not regex.match(expected.pattern, value)
}

violation contains named("registry", sprintf("%v uses the image %v", [container.name, container.image])) if {
	some container in containers
	not from_allowed_registry(container.image)
}

from_allowed_registry(image) if {
	some registry in data.parameters.registries
	startswith(image, registry)
}

violation contains named("tag", sprintf("%v uses the image %v", [container.name, container.image])) if {
	some container in containers
	has_refused_tag(container.image)
}

has_refused_tag(image) if {
	some tag in data.parameters.refused_tags
	endswith(image, concat(":", ["", tag]))
}

has_refused_tag(image) if not contains(image, ":")

violation contains named("privileged", sprintf("%v is privileged", [container.name])) if {
	some container in containers
	container.securityContext.privileged
}

violation contains named("root-filesystem", sprintf("%v may write its root file system", [container.name])) if {
	some container in containers
	not container.securityContext.readOnlyRootFilesystem
}

violation contains named("capabilities", sprintf("%v adds %v", [container.name, refused])) if {
	some container in containers
	added := {capability | some capability in container.securityContext.capabilities.add}
	allowed := {capability | some capability in data.parameters.capabilities}
	refused := added - allowed
	count(refused) > 0
}

violation contains named("user", sprintf("%v runs as %v", [container.name, container.securityContext.runAsUser])) if {
	some container in containers
	every range in data.parameters.users {
		not in_range(range, container.securityContext.runAsUser)
	}
}

in_range(range, user) if {
	range.min <= user
	range.max >= user
}

violation contains named("limits", sprintf("%v has a limit of %v memory", [container.name, limit])) if {
	some container in containers
	limit := container.resources.limits.memory
	units.parse_bytes(limit) > units.parse_bytes(data.parameters.memory)
}

violation contains named("limits", sprintf("%v has no limits", [container.name])) if {
	some container in containers
	not container.resources.limits
}

violation contains named("probes", sprintf("%v has no %v", [container.name, probe])) if {
	some container in containers
	some probe in data.parameters.probes
	not container[probe]
}

violation contains named("host", sprintf("the pod uses %v", [field])) if {
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	pod[field] == true
}

violation contains named("ports", sprintf("%v opens the host's port %v", [container.name, port.hostPort])) if {
	some container in containers
	some port in container.ports
	not port_is_allowed(port.hostPort)
}

port_is_allowed(port) if {
	port >= data.parameters.host_ports.min
	port <= data.parameters.host_ports.max
}

violation contains named("volumes", sprintf("the pod mounts %v", [volume.name])) if {
	some volume in pod.volumes
	some kind, _ in volume
	kind != "name"
	not kind in data.parameters.volumes
}
