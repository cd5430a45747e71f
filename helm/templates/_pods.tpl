{{/* What all pods share. */}}

{{/* Who they are and where they run. */}}
{{- define "partner-gateway.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The gateway's image with its configuration. */}}
{{- define "partner-gateway.container" -}}
image: {{ include "partner-gateway.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- include "partner-gateway.confined" . | nindent 2 }}
{{- with .Values.existingSecret }}
envFrom:
  - secretRef: { name: {{ . }} }
{{- end }}
volumeMounts:
  - { name: configuration, mountPath: /etc/partner-gateway, readOnly: true }
{{- end -}}

{{- define "partner-gateway.confined" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "partner-gateway.env" -}}
- name: GATEWAY_CONFIG
  value: /etc/partner-gateway/gateway.toml
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* One folder for gateway.toml and the files that it names: relative paths start there. */}}
{{- define "partner-gateway.configuration" -}}
- name: configuration
  projected:
    defaultMode: 0440
    sources:
      - configMap: { name: {{ .configMap }} }
      {{- with .root.Values.files }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
{{- end -}}

{{/* A process that serves: takes `root`, `component`, and what `jobs.enabled` is to be, if anything. */}}
{{- define "partner-gateway.serving" -}}
{{- $root := .root -}}
{{- $server := $root.Values.config.server -}}
metadata:
  labels:
    {{- include "partner-gateway.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
    {{- with $root.Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A changed configuration is read by new pods.
    checksum/configuration: {{ include "partner-gateway.toml" $root | sha256sum }}
    {{- with $root.Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "partner-gateway.serviceAccount" $root }}
  {{- include "partner-gateway.pod" $root | nindent 2 }}
  # The drain, then the requests under way, then the last traces.
  terminationGracePeriodSeconds: {{ add (trimSuffix "s" $server.drain) (trimSuffix "s" $server.shutdown_timeout) 10 }}
  topologySpreadConstraints:
    {{- range $place := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ $place }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "partner-gateway.selector" $root | nindent 10 }}
          app.kubernetes.io/component: {{ $.component }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  containers:
    - name: gateway
      args: [serve]
      {{- include "partner-gateway.container" $root | nindent 6 }}
      env:
        {{- include "partner-gateway.env" $root | nindent 8 }}
        {{- with .jobs }}
        - name: GATEWAY__JOBS__ENABLED
          value: {{ . | quote }}
        {{- end }}
      ports:
        - { name: http, containerPort: {{ regexFind "[0-9]+$" $server.listen }} }
      startupProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 2
        failureThreshold: 60
      # Patient: when all of server.connections are taken the probe waits its turn, and a restart helps nobody.
      livenessProbe:
        httpGet: { path: /healthz, port: http }
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      resources: {{- toYaml .resources | nindent 8 }}
  volumes:
    {{- $configuration := dict "root" $root "configMap" (include "partner-gateway.fullname" $root) }}
    {{- include "partner-gateway.configuration" $configuration | nindent 4 }}
{{- end -}}
