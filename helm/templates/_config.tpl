{{/* gateway.toml: `config` as dotted keys. Helm's own toToml writes whole numbers as fractions, which are refused. */}}

{{- define "partner-gateway.toml" -}}
{{- include "partner-gateway.keys" (dict "prefix" "" "values" .Values.config) | trim -}}
{{- end -}}

{{/* Takes `values`, a map, and `prefix`, what stands before its keys. */}}
{{- define "partner-gateway.keys" -}}
{{- range $key, $value := .values -}}
{{- if kindIs "map" $value -}}
{{- include "partner-gateway.keys" (dict "prefix" (printf "%s%s." $.prefix $key) "values" $value) -}}
{{- else if not (kindIs "invalid" $value) }}
{{ $.prefix }}{{ $key }} = {{ include "partner-gateway.value" $value }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "partner-gateway.value" -}}
{{- if kindIs "slice" . -}}
[{{ range $index, $entry := . }}{{ if $index }}, {{ end }}{{ include "partner-gateway.value" $entry }}{{ end }}]
{{- else if kindIs "map" . -}}
{ {{- range $index, $key := keys . | sortAlpha }}{{ if $index }},{{ end }} {{ $key }} = {{ include "partner-gateway.value" (get $ $key) }}{{ end }} }
{{- else if or (kindIs "float64" .) (kindIs "int64" .) -}}
{{ int64 . }}
{{- else -}}
{{ toRawJson . }}
{{- end -}}
{{- end -}}
