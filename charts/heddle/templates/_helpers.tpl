{{/* The labels of everything that the chart installs. Takes {root, component}. */}}
{{- define "heddle.labels" -}}
{{ include "heddle.selector" . }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: heddle
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* What selects the pods of a component; it never changes between releases. Takes {component}. */}}
{{- define "heddle.selector" -}}
app.kubernetes.io/name: heddle
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/*
An image: `image.registry` and `image.tag` hold for all; the component's own `repository`, `tag` and `digest` go first,
and a digest before every tag. Takes {root, name, image}.
*/}}
{{- define "heddle.image" -}}
{{- $repository := .image.repository | default (printf "%s/%s" .root.Values.image.registry .name) -}}
{{- if .image.digest -}}
{{ printf "%s@%s" $repository .image.digest }}
{{- else -}}
{{ printf "%s:%s" $repository (.image.tag | default .root.Values.image.tag) }}
{{- end -}}
{{- end }}

{{/* The lines of a container that say its image. Takes {root, name, image}. */}}
{{- define "heddle.containerImage" -}}
image: {{ include "heddle.image" . }}
imagePullPolicy: {{ .image.pullPolicy | default .root.Values.image.pullPolicy }}
{{- end }}

{{/* A container that needs nothing of its node. */}}
{{- define "heddle.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65534
runAsGroup: 65534
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* One step of the uninstall hook. Takes {root, name, weight, stage}. */}}
{{- define "heddle.cleanupJob" -}}
{{- $labels := dict "root" .root "component" "cleanup" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "heddle.labels" $labels | nindent 4 }}
  annotations:
    helm.sh/hook: pre-delete
    helm.sh/hook-weight: {{ .weight | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 2
  template:
    metadata:
      labels: {{- include "heddle.labels" $labels | nindent 8 }}
    spec:
      serviceAccountName: heddle-cleanup
      automountServiceAccountToken: true
      restartPolicy: Never
      {{- with .root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.operator.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .root.Values.operator.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: cleanup
          {{- include "heddle.containerImage" (dict "root" .root "name" "operator" "image" .root.Values.operator.image) | nindent 10 }}
          args:
            - cleanup
            - --stage={{ .stage }}
            - --namespace={{ .root.Release.Namespace }}
            - --deadline-seconds={{ .root.Values.cleanup.deadlineSeconds }}
            - --log-level={{ .root.Values.logLevel }}
          securityContext: {{- include "heddle.restricted" .root | nindent 12 }}
          resources: {{- toYaml .root.Values.operator.resources | nindent 12 }}
{{- end }}

{{/* Fails where a kind of Prometheus' operator is asked for and not there. Takes {root, value, kind}. */}}
{{- define "heddle.needsKind" -}}
{{- if (index .root.Values.metrics .value).enabled -}}
{{- $api := printf "monitoring.coreos.com/v1/%s" .kind -}}
{{- if not (.root.Capabilities.APIVersions.Has $api) -}}
{{- fail (printf "metrics.%s.enabled: this cluster has no kind %s (monitoring.coreos.com/v1). Install the Prometheus Operator's CustomResourceDefinitions first, or set metrics.%s.enabled=false. To render without the cluster: helm template --api-versions %s" .value .kind .value $api) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* How an agent or operator is asked for metrics, in a monitor of Prometheus' operator. Takes {root, interval}. */}}
{{- define "heddle.scrape" -}}
scheme: https
interval: {{ .interval }}
tlsConfig: {insecureSkipVerify: true}
authorization:
  type: Bearer
  credentials: {name: heddle-metrics, key: token}
{{- end }}
