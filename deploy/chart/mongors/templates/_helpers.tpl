{{- define "mongors.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "mongors.selector" -}}
app.kubernetes.io/name: mongors
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mongors.labels" -}}
{{ include "mongors.selector" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "mongors.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "mongors.name" .) }}
{{- end }}

{{- define "mongors.image" -}}
{{- if .Values.image.digest }}{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* What the operator does in a namespace that it looks after. */ -}}
{{- define "mongors.rules" -}}
- apiGroups: [mongors.io]
  resources: [mongoreplicasets]
  verbs: [list, watch]
- apiGroups: [mongors.io]
  resources: [mongoreplicasets/status]
  verbs: [patch]
- apiGroups: [""]   # role labels, permission to start empty, replacing pods that cannot start
  resources: [pods]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [""]   # the readiness gate "in service"
  resources: [pods/status]
  verbs: [patch]
- apiGroups: [""]   # restarts go through the disruption budget
  resources: [pods/eviction]
  verbs: [create]
- apiGroups: [""]
  resources: [services, secrets, serviceaccounts]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]   # volumes grow; nothing else of a claim is touched
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, patch]
- apiGroups: [apps]   # deleted to be made anew around its pods, where it cannot be changed
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]   # the exporter of mongod's own metrics, for sets that ask for it
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [rbac.authorization.k8s.io]
  resources: [rolebindings]
  verbs: [get, list, watch, create, patch, delete]
{{- with .Values.rbac.bindableClusterRoles }}
- apiGroups: [rbac.authorization.k8s.io]   # to bind no other roles than these
  resources: [clusterroles]
  resourceNames: {{ toJson . }}
  verbs: [bind]
{{- end }}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}
