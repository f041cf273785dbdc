# Compiles infra/ with the Bicep CLI, which comes as a NuGet package. Sourced by .ci/run.

bicep_path=

# The tests of the templates use the same program; their project pins its version.
find_bicep() {
  bicep_path=$(dotnet msbuild tests/Repository.Tests -target:FindBicep -getProperty:BicepPath) && "$bicep_path" --version
}

# Every rule in infra/bicepconfig.json is a warning, so that no rule stops a deployment on the day that an API version gets too old. Here any
# output is a failure.
without_a_word() {
  local output status=0
  output=$("$@" 2>&1) || status=$?
  [[ -z $output ]] && return "$status"
  printf '%s\n' "$output"
  return 1
}

# Formats a copy and compares, since the CLI has no mode that only looks.
bicep_is_formatted() {
  local copy="$log_folder/infra"
  rm -rf "$copy" && cp -r infra "$copy" || return
  (cd "$copy" && "$bicep_path" format --pattern '**/*.bicep' && "$bicep_path" format --pattern '**/*.bicepparam') || return
  diff -ru infra "$copy"
}

# As development, and as production with everything on.
compile_parameters() {
  without_a_word "$bicep_path" build-params infra/main.bicepparam --outfile "$log_folder/main.bicepparam.json" \
    && AZURE_ENV_NAME=prod ALERT_EMAILS=team@example.com BUDGET_AMOUNT=500 CAPACITY_MODE=autoscale \
      without_a_word "$bicep_path" build-params infra/main.bicepparam --outfile "$log_folder/main.bicepparam.prod.json"
}

check_infrastructure() {
  check 'find Bicep' find_bicep || return
  check 'Bicep build and lint' without_a_word "$bicep_path" build infra/main.bicep --outfile "$log_folder/main.json"
  check 'Bicep build and lint of the deployer' without_a_word "$bicep_path" build infra/deployer.bicep --outfile "$log_folder/deployer.json"
  check 'Bicep parameters' compile_parameters
  check 'Bicep format' bicep_is_formatted
}
