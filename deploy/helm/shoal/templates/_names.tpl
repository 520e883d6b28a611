{{- define "shoal.name" -}}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{- end }}

{{- define "shoal.selector" -}}
app.kubernetes.io/name: shoal
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "shoal.labels" -}}
{{ include "shoal.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "shoal.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The configuration with the chart's own part. */}}
{{- define "shoal.configuration" -}}
{{- $own := dict "http" (dict "host" "0.0.0.0" "port" 9404 "tokensFile" "/run/secrets/shoal/tokens.yaml") -}}
{{- mergeOverwrite (deepCopy .Values.configuration) $own | toYaml -}}
{{- end }}

{{- define "shoal.model" -}}{{ .Values.configuration.name | default "shoal" }}{{- end }}
{{- define "shoal.input" -}}{{ dig "input" "topic" "transactions" .Values.configuration }}{{- end }}
{{- define "shoal.prefix" -}}{{ dig "topics" "prefix" (include "shoal.model" .) .Values.configuration }}{{- end }}
{{- define "shoal.shutdownSeconds" -}}{{ div (dig "worker" "shutdownMs" 10000 .Values.configuration | int) 1000 }}{{- end }}
