# Runs the integration tests on every kind of database: few and many physical partitions, in memory and on disk, in this process and
# in another one. Sourced by .ci/run.

stores='tests/EventSourcing.Cosmos.Tests'
system='tests/EndToEnd.Tests'

# on_database "name" <project> [VARIABLE=value…]: without the tests that start emulators or hosts of their own, and those in which no
# kind of database has a part.
on_database() {
  local name=$1 project=$2
  shift 2
  check "$name" env "$@" timeout --kill-after=30 600 dotnet test --no-build --project "$project" -- --filter-not-class \
    '*FaultHarnessTests' '*HostileTests' '*ScaleTests' '*LocalHostTests' '*WorkerProcessTests' '*GeneratedClientTests' '*CrashTests'
  count_tests "$last_log"
}

check_matrix() {
  local data="$PWD/$log_folder/matrix"
  local in_memory=COSMOS_TEST_DATA= on_disk="COSMOS_TEST_DATA=$data"
  local one=COSMOS_TEST_PARTITIONS=1 three=COSMOS_TEST_PARTITIONS=3
  on_database 'stores on one partition in memory' "$stores" "$one" "$in_memory"
  on_database 'stores on one partition on disk' "$stores" "$one" "$on_disk"
  on_database 'stores on three partitions in memory' "$stores" "$three" "$in_memory"
  on_database 'stores on three partitions on disk' "$stores" "$three" "$on_disk"
  # Each takes most of a minute: both kinds of process, both numbers of partitions and both kinds of memory, not every combination.
  on_database 'system on one partition on disk' "$system" "$one" "$on_disk"
  on_database 'system with a worker process on three partitions in memory' "$system" "$three" "$in_memory" SERVERLESS_WORKER_PROCESS=true
  check 'no data is left behind' test -z "$(ls -A "$data")"

  local emulator='src/CosmosEmulator/bin/Debug/net10.0/Serverless.CosmosEmulator.dll'
  check 'start an emulator in another process' \
    start_emulator "$log_folder/emulator.log" dotnet "$emulator" --port 0 --partitions 3 || return
  local outside="COSMOS_TEST_CONNECTION=$emulator_connection"
  on_database 'stores on an endpoint of the environment' "$stores" "$outside"
  on_database 'system on an endpoint of the environment' "$system" "$outside"
  check 'stop that emulator' stop_emulator
}
