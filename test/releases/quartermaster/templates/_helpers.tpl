{{/* Labels of every object. */}}
{{- define "quartermaster.labels" -}}
app.kubernetes.io/name: quartermaster
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: quartermaster
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* What selects the pods of a component: a list of the root and its name. */}}
{{- define "quartermaster.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: quartermaster
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of an object of a component: a list of the root and its name. */}}
{{- define "quartermaster.componentLabels" -}}
{{ include "quartermaster.labels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The image; a digest wins over a tag. */}}
{{- define "quartermaster.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The address that users reach the api at. */}}
{{- define "quartermaster.publicUrl" -}}
{{- $ingress := .Values.api.ingress -}}
{{- if .Values.api.publicUrl -}}
{{ .Values.api.publicUrl }}
{{- else if $ingress.enabled -}}
{{ ternary "https" "http" (ne $ingress.tlsSecret "") }}://{{ $ingress.host }}
{{- else -}}
http://quartermaster-api.{{ .Release.Namespace }}.svc{{ if ne (int .Values.api.service.port) 80 }}:{{ .Values.api.service.port }}{{ end }}
{{- end -}}
{{- end }}

{{/* A connection URL from the Secret: a list of the root, the variable and the name of the key. */}}
{{- define "quartermaster.databaseUrl" -}}
{{- $database := (index . 0).Values.database -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ $database.existingSecret }}
      key: {{ get $database.keys (index . 2) }}
{{- end }}

{{/* Accounts whose modules work in the namespaces of projects, parted by commas. */}}
{{- define "quartermaster.projectAccounts" -}}
{{- $names := list "quartermaster-class-postgres" -}}
{{- range $name, $account := .Values.runs.accounts -}}
{{- if $account.inProjects -}}{{- $names = append $names $name -}}{{- end -}}
{{- end -}}
{{- join "," $names -}}
{{- end }}

{{/* Limits of the namespaces of projects, as the api reads them. */}}
{{- define "quartermaster.projectQuota" -}}
{{- $limits := list -}}
{{- range $name, $quantity := .Values.projects.quota.hard -}}
{{- if not (kindIs "invalid" $quantity) -}}{{- $limits = append $limits (printf "%s=%v" $name $quantity) -}}{{- end -}}
{{- end -}}
{{- join "," $limits | default "none" -}}
{{- end }}

{{/* Names of the Secrets for a private registry, parted by commas. */}}
{{- define "quartermaster.pullSecrets" -}}
{{- $names := list -}}
{{- range .Values.imagePullSecrets -}}{{- $names = append $names .name -}}{{- end -}}
{{- join "," $names -}}
{{- end }}

{{/* Makes Node trust the certificates of the ConfigMap. */}}
{{- define "quartermaster.certificatesEnv" -}}
{{- if .Values.database.certificates.configMap -}}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/quartermaster/certificates/{{ .Values.database.certificates.key }}
{{- end }}
{{- end }}

{{/* Volumes of a pod that talks to the database. */}}
{{- define "quartermaster.databaseVolumes" -}}
- name: scratch
  emptyDir: {}
{{- with .Values.database.certificates.configMap }}
- name: certificates
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}

{{/* Where they are mounted. */}}
{{- define "quartermaster.databaseMounts" -}}
- name: scratch
  mountPath: /tmp
{{- if .Values.database.certificates.configMap }}
- name: certificates
  mountPath: /etc/quartermaster/certificates
  readOnly: true
{{- end }}
{{- end }}

{{/* What every pod has in common; passes Pod Security "restricted". */}}
{{- define "quartermaster.podSettings" -}}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* What every container has in common. */}}
{{- define "quartermaster.containerSettings" -}}
image: {{ include "quartermaster.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
workingDir: /opt/quartermaster
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* Where the pods of a Deployment go: a list of the root and the name of the component. */}}
{{- define "quartermaster.placement" -}}
{{- $settings := get (index . 0).Values (index . 1) -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    # The pods of a new version are spread on their own, whatever is left of the old one.
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "quartermaster.selector" $ | nindent 8 }}
  {{- end }}
{{- with $settings.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $settings.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Egress rules for name resolution and TCP ports: a list with the list of ports. */}}
{{- define "quartermaster.egress" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
- ports:
    {{- range index . 0 }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end }}
