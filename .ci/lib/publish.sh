# Publishes the function app as far as a closed machine can, and reads what comes of it. Sourced by .ci/run.

published="$PWD/artifacts/ci/function-app"

# Ahead-of-time compilation is for one platform, which the lock files of the build do not know.
publish_app() {
  timeout --kill-after=10 600 dotnet publish src/FunctionApp --configuration Release --output "$published" -p:RestoreLockedMode=false "$@"
}

# With the stand-in there would be no trigger: it has to be refused, and the message has to say what to do.
refuses_dead_triggers() {
  local output
  output=$(publish_app 2>&1) && return 1
  printf '%s\n' "$output"
  grep -q 'UseCosmosDBExtensionPackage=true' <<<"$output"
}

# What the workflow publishes differs from this in one extension: it names CosmosDB, and this one must not.
has_what_the_host_looks_for() {
  test -s "$published/host.json" && test -s "$published/worker.config.json" && test -s "$published/extensions.json" \
    && grep -q '"name"' "$published/extensions.json" && ! grep -q CosmosDB "$published/extensions.json" \
    && ! test -e "$published/local.settings.json"
}

check_publish() {
  check 'publishing with dead triggers is refused' refuses_dead_triggers
  if check 'publish for a look' publish_app -p:AllowDeadTriggers=true; then
    check 'the package has what the host looks for' has_what_the_host_looks_for
  fi
}
