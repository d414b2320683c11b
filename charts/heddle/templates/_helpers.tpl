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

{{- define "heddle.image" -}}
{{ printf "%s:%s" .repository .tag }}
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
          image: {{ include "heddle.image" .root.Values.operator.image }}
          imagePullPolicy: {{ .root.Values.operator.image.pullPolicy }}
          args:
            - cleanup
            - --stage={{ .stage }}
            - --namespace={{ .root.Release.Namespace }}
            - --deadline-seconds={{ .root.Values.cleanup.deadlineSeconds }}
            - --log-level={{ .root.Values.logLevel }}
          securityContext: {{- include "heddle.restricted" .root | nindent 12 }}
{{- end }}
