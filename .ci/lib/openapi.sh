# Holds the document that the running system serves against the rules of a linter that is used a lot. Sourced by .ci/run.

redocly_version=2.77.0

# Quiet about Node.js and about itself; a warning is a failure.
lint_description() {
  curl --fail --silent --show-error "$api/api/openapi.json" --output "$log_folder/openapi.json" || return
  local output status=0
  output=$(REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true timeout --kill-after=10 180 \
    npx --yes "@redocly/cli@$redocly_version" lint --config .ci/redocly.yaml --format=github-actions "$log_folder/openapi.json" 2>&1) || status=$?
  printf '%s\n' "$output"
  ((status == 0)) && ! grep -qE '^::(error|warning) ' <<<"$output"
}

check_description() {
  if ! command -v npx >/dev/null; then
    echo '  skipped the linter of the API description: there is no npm here'
    return
  fi
  check 'lint the API description' lint_description
}
