# Compiles infra/ with the Bicep CLI, which comes as a NuGet package. Sourced by .ci/run.

bicep_path=

# The tests of the templates use the same program; their project pins its version.
find_bicep() {
  bicep_path=$(dotnet msbuild tests/Repository.Tests -target:FindBicep -getProperty:BicepPath) && "$bicep_path" --version
}

# Bicep exits with 0 after mere warnings: here whatever it says is a failure.
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

compile_parameters() {
  local file status=0
  for file in infra/*.bicepparam infra/samples/*.bicepparam; do
    without_a_word "$bicep_path" build-params "$file" --outfile "$log_folder/$(basename "$file").json" || status=1
  done
  return "$status"
}

check_infrastructure() {
  check 'find Bicep' find_bicep || return
  check 'Bicep build and lint' without_a_word "$bicep_path" build infra/main.bicep --outfile "$log_folder/main.json"
  check 'Bicep parameters' compile_parameters
  check 'Bicep format' bicep_is_formatted
}
