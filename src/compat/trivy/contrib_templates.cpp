// Merlon's own templates for what pipelines read with "@contrib/<name>.tpl": JUnit's XML, a page,
// and GitLab's reports. They keep to the consumers' formats and not to Trivy's texts.

#include <array>
#include <utility>

#include "compat/trivy/template.h"

namespace merlon::compat::trivy {
namespace {

// The XML that CI servers take for JUnit's: a suite for each target, a case for each finding.
constexpr std::string_view kJunit = R"TEMPLATE(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="trivy">
{{- range . }}
  {{- $target := .Target }}
  {{- $count := add (len .Vulnerabilities) (len .Secrets) (len .Licenses) }}
  <testsuite name="{{ escapeXML $target }}" tests="{{ $count }}" failures="{{ $count }}" errors="0" skipped="0">
    {{- with .Type }}
    <properties><property name="type" value="{{ escapeXML . }}"/></properties>
    {{- end }}
    {{- range .Vulnerabilities }}
    <testcase classname="{{ escapeXML .PkgName }}-{{ escapeXML .InstalledVersion }}" name="[{{ .Severity }}] {{ escapeXML .VulnerabilityID }}">
      <failure type="vulnerability" message="{{ escapeXML .Title }}">{{ escapeXML .Description }}</failure>
    </testcase>
    {{- end }}
    {{- range .Secrets }}
    <testcase classname="{{ escapeXML .RuleID }}" name="[{{ .Severity }}] {{ escapeXML .Title }}">
      <failure type="secret" message="{{ escapeXML .Title }}">{{ escapeXML $target }}:{{ .StartLine }}: {{ escapeXML .Match }}</failure>
    </testcase>
    {{- end }}
    {{- range .Licenses }}
    <testcase classname="{{ escapeXML .PkgName }}" name="[{{ .Severity }}] {{ escapeXML .Name }}">
      <failure type="license" message="{{ escapeXML .Category }}"/>
    </testcase>
    {{- end }}
  </testsuite>
{{- end }}
</testsuites>
)TEMPLATE";

constexpr std::string_view kHtml = R"TEMPLATE(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Scan of {{ now | date "2006-01-02 15:04" }} UTC</title>
<style>
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; margin-bottom: 2em; }
th, td { border: 1px solid #bbb; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }
.CRITICAL { background: #f4b6b6; } .HIGH { background: #f8d3b0; }
.MEDIUM { background: #f7edb5; } .LOW { background: #d4ebc4; } .UNKNOWN { background: #e2e2e2; }
</style>
</head>
<body>
<h1>Scan of {{ now | date "2006-01-02 15:04" }} UTC</h1>
{{- if not . }}
<p>Nothing was found to look at.</p>
{{- end }}
{{- range . }}
{{- $target := .Target }}
<h2>{{ escapeXML $target }}{{ with .Type }} ({{ escapeXML . }}){{ end }}</h2>
{{- if .Vulnerabilities }}
<table>
<tr><th>Package</th><th>Vulnerability</th><th>Severity</th><th>Installed</th><th>Fixed in</th><th>About</th></tr>
{{- range .Vulnerabilities }}
<tr class="{{ .Severity }}"><td>{{ escapeXML .PkgName }}</td><td><a href="{{ escapeXML .PrimaryURL }}">{{ escapeXML .VulnerabilityID }}</a></td><td>{{ .Severity }}</td><td>{{ escapeXML .InstalledVersion }}</td><td>{{ escapeXML .FixedVersion }}</td><td>{{ escapeXML .Title }}</td></tr>
{{- end }}
</table>
{{- else if .Packages }}
<p>No known vulnerability in {{ len .Packages }} packages.</p>
{{- end }}
{{- if .Secrets }}
<table>
<tr><th>Secret</th><th>Severity</th><th>Line</th><th>Match</th></tr>
{{- range .Secrets }}
<tr class="{{ .Severity }}"><td>{{ escapeXML .Title }}</td><td>{{ .Severity }}</td><td>{{ .StartLine }}</td><td>{{ escapeXML .Match }}</td></tr>
{{- end }}
</table>
{{- end }}
{{- if .Licenses }}
<table>
<tr><th>Package</th><th>Licence</th><th>Category</th><th>Severity</th></tr>
{{- range .Licenses }}
<tr class="{{ .Severity }}"><td>{{ escapeXML .PkgName }}</td><td>{{ escapeXML .Name }}</td><td>{{ escapeXML .Category }}</td><td>{{ .Severity }}</td></tr>
{{- end }}
</table>
{{- end }}
{{- end }}
</body>
</html>
)TEMPLATE";

// GitLab, "Security report schemas": container scanning, version 15.
constexpr std::string_view kGitlab = R"TEMPLATE({
  "version": "15.0.7",
  "scan": {
    "analyzer": {"id": "trivy", "name": "Trivy", "vendor": {"name": "Merlon"}, "version": "{{ appVersion }}"},
    "scanner": {"id": "trivy", "name": "Trivy", "vendor": {"name": "Merlon"}, "version": "{{ appVersion }}"},
    "start_time": "{{ now | date "2006-01-02T15:04:05" }}",
    "end_time": "{{ now | date "2006-01-02T15:04:05" }}",
    "status": "success",
    "type": "container_scanning"
  },
  {{- $system := "Unknown" }}
  {{- $image := "Unknown" }}
  {{- range . }}
    {{- if eq .Class "os-pkgs" }}
      {{- $image = .Target | regexFind "[^ ]+" }}
      {{- $system = .Target | splitList "(" | last | trimSuffix ")" }}
    {{- end }}
  {{- end }}
  "vulnerabilities": [
  {{- $is_first := true }}
  {{- range . }}
    {{- range .Vulnerabilities }}
    {{- if $is_first }}{{ $is_first = false }}{{ else }},{{ end }}
    {
      "id": {{ toJson .VulnerabilityID }},
      "name": {{ toJson .Title }},
      "description": {{ toJson .Description }},
      "severity": {{ .Severity | lower | title | toJson }},
      "solution": {{ if .FixedVersion }}{{ printf "Upgrade %s to %s" .PkgName .FixedVersion | toJson }}{{ else }}"No solution provided"{{ end }},
      "location": {
        "dependency": {"package": {"name": {{ toJson .PkgName }}}, "version": {{ toJson .InstalledVersion }}},
        "operating_system": {{ toJson $system }},
        "image": {{ toJson $image }}
      },
      "identifiers": [
        {"type": "cve", "name": {{ toJson .VulnerabilityID }}, "value": {{ toJson .VulnerabilityID }}
        {{- if .PrimaryURL | regexMatch "^https?://." }}, "url": {{ toJson .PrimaryURL }}{{ end }}}
      ],
      "links": [
        {{- $links := list }}
        {{- range .References }}{{ if regexMatch "^(https?|ftp)://." . }}{{ $links = append $links . }}{{ end }}{{ end }}
        {{- range $i, $link := $links }}{{ if $i }}, {{ end }}{"url": {{ toJson $link }}}{{ end -}}
      ]
    }
    {{- end }}
  {{- end }}
  ],
  "remediations": []
}
)TEMPLATE";

// Code Climate's issues, which GitLab takes as a code quality report.
constexpr std::string_view kCodeQuality = R"TEMPLATE([
{{- $is_first := true }}
{{- $levels := dict "LOW" "info" "MEDIUM" "minor" "HIGH" "major" "CRITICAL" "critical" }}
{{- range . }}
  {{- $target := .Target }}
  {{- range .Vulnerabilities }}
  {{- if $is_first }}{{ $is_first = false }}{{ else }},{{ end }}
  {
    "type": "issue",
    "check_name": "container_scanning",
    "categories": ["Security"],
    "description": {{ list .VulnerabilityID .PkgName .InstalledVersion .Title | join " - " | toJson }},
    "content": {{ toJson .Description }},
    "fingerprint": "{{ list .VulnerabilityID .PkgName .InstalledVersion $target | join "" | sha1sum }}",
    "severity": "{{ get $levels .Severity | default "info" }}",
    "location": {"path": {{ toJson $target }}, "lines": {"begin": 0}}
  }
  {{- end }}
  {{- range .Secrets }}
  {{- if $is_first }}{{ $is_first = false }}{{ else }},{{ end }}
  {
    "type": "issue",
    "check_name": "container_scanning",
    "categories": ["Security"],
    "description": {{ list "Secret" .RuleID .Title | join " - " | toJson }},
    "content": {{ toJson .Title }},
    "fingerprint": "{{ list .RuleID .Title $target | join "" | sha1sum }}",
    "severity": "{{ get $levels .Severity | default "info" }}",
    "location": {"path": {{ toJson $target }}, "lines": {"begin": {{ .StartLine }}}}
  }
  {{- end }}
{{- end }}
]
)TEMPLATE";

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kTemplates{{
    {"junit.tpl", kJunit},
    {"html.tpl", kHtml},
    {"gitlab.tpl", kGitlab},
    {"gitlab-codequality.tpl", kCodeQuality},
}};

}  // namespace

std::string_view contrib_template(std::string_view name) {
    for (const auto& [known, text] : kTemplates)
        if (known == name) return text;
    return {};
}

}  // namespace merlon::compat::trivy
