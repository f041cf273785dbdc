# Compiles infra/ with the Bicep CLI, which comes as a NuGet package. Sourced by .ci/run.

bicep_path=

# The tests of the templates use the same program; their project pins its version.
find_bicep() {
  bicep_path=$(dotnet msbuild tests/Repository.Tests -target:FindBicep -getProperty:BicepPath) && "$bicep_path" --version
}

# Bicep exits with 0 after mere warnings: here whatever it says is a failure.
without_a_word() {
  local output
  output=$("$@" 2>&1) || { printf '%s\n' "$output"; return 1; }
  [[ -z $output ]] || { printf '%s\n' "$output"; return 1; }
}

lint_bicep() {
  local file status=0
  for file in infra/*.bicep infra/modules/*.bicep; do
    without_a_word "$bicep_path" lint "$file" || status=1
  done
  return "$status"
}

bicep_is_formatted() {
  local file status=0
  for file in infra/*.bicep infra/*.bicepparam infra/samples/*.bicepparam infra/modules/*.bicep; do
    "$bicep_path" format "$file" --outfile "$log_folder/formatted" && diff -u "$file" "$log_folder/formatted" || status=1
  done
  return "$status"
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
  check 'Bicep lint' lint_bicep
  check 'Bicep format' bicep_is_formatted
  check 'Bicep build' without_a_word "$bicep_path" build infra/main.bicep --outfile "$log_folder/main.json"
  check 'Bicep parameters' compile_parameters
}
