# Makes a pod that runs one command on the database, of the StatefulSet that is stopped meanwhile:
#
#   kubectl --namespace ringfence get statefulset ringfence --output json |
#       jq --arg command "import --config /etc/ringfence/ringfence.toml" --from-file deploy/kubernetes/one-off.jq |
#       kubectl --namespace ringfence apply --filename -
#
# It has none of the labels, so that no caller is sent to it. Nor does the NetworkPolicy know it.
.metadata.name as $name
| .spec.volumeClaimTemplates[0].metadata.name as $claim
| .spec.template.spec
| .restartPolicy = "Never"
| .containers[0].args = ($command | split(" "))
| del(.containers[0] | .startupProbe, .livenessProbe, .readinessProbe)
| .volumes += [{ name: $claim, persistentVolumeClaim: { claimName: "\($claim)-\($name)-0" } }]
| { apiVersion: "v1", kind: "Pod", metadata: { name: "\($name)-one-off" }, spec: . }
