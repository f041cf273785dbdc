# A browser for the tests of the console. Sourced by .ci/run. Without one they are skipped with the reason.

install_chromium() {
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && return
  done
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
  else
    echo 'skipped: there is no Chromium here, and none can be installed'
  fi
}
