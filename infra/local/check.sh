#!/usr/bin/env bash
# Starts Azurite (npm) and this project's emulator, runs the system on them with the settings of local.settings.sample.json, stops everything and
# leaves nothing behind. Where Azure Functions Core Tools are installed, they run too. Needs bash, curl, the .NET 10 SDK, Node.js 20 with npm.
# Part of .ci/run. Output of each step: artifacts/ci/.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
exec </dev/null

export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=1

source .ci/lib/checks.sh
source .ci/lib/readme.sh
source .ci/lib/emulator.sh
source .ci/lib/local.sh
mkdir -p "$log_folder"
trap 'stop_core_tools; stop_system; stop_emulator; stop_azurite' EXIT

check 'build the system' dotnet build src/LocalHost || { finish; exit 1; }
check 'build the tests' dotnet build tests/EndToEnd.Tests || { finish; exit 1; }
check 'build the tests of the emulators' dotnet build tests/LocalEmulators.Tests || { finish; exit 1; }
check_local
finish
