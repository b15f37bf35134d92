#!/usr/bin/env bash
# Tests what docs/in-java-tests.md shows, with the program of OUT:  packaging/java/test.sh OUT
# NAIRI_MOCK may name another program than the one of OUT.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(cd "${1:?usage: packaging/java/test.sh OUT}" && pwd)
jars=/usr/share/java/junit-jupiter.jar:/usr/share/java/junit-jupiter-api.jar
jars=$jars:/usr/share/java/junit-jupiter-engine.jar:/usr/share/java/junit-jupiter-params.jar
for name in commons console engine launcher reporting; do
  jars=$jars:/usr/share/java/junit-platform-$name.jar
done
for name in apiguardian-api opentest4j opentest4j-reporting-events opentest4j-reporting-schema picocli; do
  jars=$jars:/usr/share/java/$name.jar
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
if [ -z "${NAIRI_MOCK:-}" ]; then
  tar --strip-components=1 -xf "$out"/nairi-mock-*-linux-"$(dpkg --print-architecture)".tar.gz
  NAIRI_MOCK=$work/bin/nairi-mock
fi
"$root/packaging/pages.py" "$root/docs/in-java-tests.md" .

run() {  # Debian's jars name one in their manifests that it has not
  rm -rf classes
  javac -Xlint:all,-path -Werror -cp "$jars" -d classes AgentClientTest.java
  "$NAIRI_MOCK" run --judge fail -- java -cp "$jars:classes" org.junit.platform.console.ConsoleLauncher \
    --disable-banner --scan-classpath classes
}

echo 'java: what in-java-tests.md shows'
run >passed 2>&1 || { cat passed >&2; exit 1; }
grep -E "\[ +$(grep -c '@Test' AgentClientTest.java) tests successful +\]" passed

echo 'java: another expectation fails'
sed -i 's/job is not an API job/no such job/' AgentClientTest.java
if run >failed 2>&1; then
  cat failed >&2
  exit 1
fi
grep -E '\[ +1 tests failed +\]' failed
