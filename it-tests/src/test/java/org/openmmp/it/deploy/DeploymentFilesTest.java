package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.Main;

/** Every file that is shipped is read by the program that it is for, or by a linter of its kind. */
@Tag("real-servers")
final class DeploymentFilesTest {
  private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("(?s)```hocon\n(.*?)```");

  /** Run in a copy of the project's folders: $0 is the file, $1 the copy. */
  private enum Check {
    DOCKERFILE(
        "docker/.*Dockerfile",
        "quiet /opt/openmmp-tests/node/node_modules/.bin/dockerfile-utils lint $0"),
    COMPOSITION("docker/compose.yaml", "docker-compose -f $0 config -q"),
    SCRIPT(
        "openmmp|it-tests/[a-z-]+|docker/debian/p.*|docker/certificates/make-certificates|docker/directory/run-directory"
            + "|docker/cluster/(pacemaker|clusterware)/openmmp|docker/cluster/solaris/register|docker/cluster/vcs/[a-z]+",
        "quiet shellcheck $0"),
    UNIT(
        "docker/systemd/.*\\.service",
        """
        mkdir -p root/etc/systemd/system root/usr/bin root/bin
        echo 'openmmp:x:10143:10143::/:/bin/sh' > root/etc/passwd
        echo 'openmmp:x:10143:' > root/etc/group
        printf '#!/bin/sh\\n' | tee root/usr/bin/openmmp > root/bin/kill
        chmod 755 root/usr/bin/openmmp root/bin/kill
        # What the units and their defaults name.
        for target in sysinit basic shutdown network-online nss-lookup; do
          printf '[Unit]\\nDescription=known\\n' > root/etc/systemd/system/$target.target
        done
        cp $0 root/etc/systemd/system
        unit=$(basename $0 | sed 's/@/@a/')
        quiet systemd-analyze --root=$1/root --man=no verify /etc/systemd/system/$unit
        """),
    HAPROXY(
        "docker/(balancer|cluster/haproxy)/haproxy.cfg",
        "sed -i 's/ proxy:/ 127.0.0.1:/' $0; quiet_or 'Configuration file is valid' haproxy -c -f $0"),
    // As the first process of its own: where it drops root for a script, version 2.2 ends anybody
    // else's test.
    KEEPALIVED(
        "docker/cluster/keepalived/.*\\.conf",
        """
        sed -i "s#/usr/bin/openmmp#$2/openmmp#" $0
        unshare --net --pid --fork sh -ec "ip link add name eth0 type veth peer name eth1; exec keepalived -t -f $0"
        """),
    PROMETHEUS(
        "docker/prometheus/prometheus.yml",
        "touch docker/prometheus/openmmp.token; promtool check config $0"),
    ALERTS("docker/prometheus/alerts.yml", "promtool check rules $0"),
    ALERT_TESTS("docker/prometheus/alerts-test.yml", "promtool test rules $0"),
    /** KubernetesTest holds them to the schema. */
    KUBERNETES(
        "docker/kubernetes/.*\\.yaml",
        "python3 -c 'import sys, yaml; assert list(yaml.safe_load_all(open(sys.argv[1])))' $0"),
    JSON(".*\\.json", "python3 -m json.tool $0"),
    POSTFIX(
        "docker/mta/main.cf",
        "cp /usr/share/postfix/master.cf.dist docker/mta/master.cf; quiet_but_output postconf -c docker/mta -n"),
    DOVECOT(
        "docker/store/dovecot.conf", "sed -i s#/pki/#$1/pki/# $0; quiet_but_output doveconf -c $0"),
    // With the schema and the entries that it names.
    SLAPD(
        "docker/directory/(slapd.conf|mail-user.schema|users.ldif)",
        """
        mkdir -p db
        sed "s#/etc/openmmp-directory#$1/docker/directory#; s#/var/lib/ldap#$1/db#" docker/directory/slapd.conf > slapd.conf
        slaptest -u -f slapd.conf
        slapadd -u -f slapd.conf -l docker/directory/users.ldif
        """),
    /** The program's own. */
    OPENMMP("config/etc/.*|docker/openmmp/openmmp.conf|docker/systemd/relay.conf", ""),
    /** Nothing here reads them; ClusterAgentTest does as their managers would. */
    FOREIGN(
        "docker/cluster/vcs/.*\\.cf|docker/cluster/clusterware/openmmp.attributes", "grep -q . $0"),
    /** What the build reads, and the packages show. */
    BUILD(
        "docker/pom.xml|docker/package/.*|docker/debian/control|docker/store/users",
        "grep -q . $0");

    private final Pattern files;
    private final String script;

    Check(String files, String script) {
      this.files = Pattern.compile(files);
      this.script = script;
    }
  }

  private static final String WORDS =
      """
      set -e
      quiet() { quiet_or '' "$@"; }
      # Neither a failure nor a word, but these.
      quiet_or() {
        expected=$1; shift
        said=$("$@" 2>&1) || { echo "$said"; exit 1; }
        [ -z "$said" ] || [ "$said" = "$expected" ] || { echo "$said"; exit 1; }
      }
      quiet_but_output() {
        said=$("$@" 2>&1 > /dev/null) || { echo "$said"; exit 1; }
        [ -z "$said" ] || { echo "$said"; exit 1; }
      }
      cd "$1"
      """;

  private static RunDirectory run;
  private static Path copy;

  @BeforeAll
  static void copy() {
    run = RunDirectory.of(DeploymentFilesTest.class);
    copy = run.create("project");
    Command.run(
            "sh",
            "-ec",
            """
            cd "$0"
            tar c --exclude=target --exclude=src docker config it-tests openmmp | tar x -C "$1"
            cd "$1"
            mkdir pki
            docker/certificates/make-certificates pki
            cp docker/openmmp/openmmp.conf docker/systemd
            sed -i "s#/etc/openmmp/pki/#$1/pki/#" docker/openmmp/openmmp.conf docker/systemd/openmmp.conf
            cd config/etc
            cp ../../pki/mmp.* .
            cp ../../pki/ca.pem stores-ca.pem
            cp stores-ca.pem site-ca.pem
            echo secret | tee ldap.password > prometheus.token
            chmod 600 ldap.password prometheus.token *.key ../../pki/*.key
            """,
            PROJECT.toString(),
            copy.toString())
        .succeeded();
  }

  @AfterAll
  static void remove() {
    run.close();
  }

  /** What is shipped, and the scripts that are run in the project. */
  static List<String> files() throws IOException {
    try (Stream<Path> docker = Files.walk(PROJECT.resolve("docker"));
        Stream<Path> examples = Files.walk(PROJECT.resolve("config/etc"));
        Stream<Path> tests = Files.list(PROJECT.resolve("it-tests"))) {
      return Stream.of(
              docker,
              examples,
              tests.filter(Files::isExecutable),
              Stream.of(PROJECT.resolve("openmmp")))
          .flatMap(each -> each)
          .filter(Files::isRegularFile)
          .map(file -> PROJECT.relativize(file).toString())
          .filter(file -> !file.contains("target/"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void fileHasNoFinding(String file) {
    List<Check> checks =
        Stream.of(Check.values()).filter(each -> each.files.matcher(file).matches()).toList();
    assertEquals(1, checks.size(), () -> "who reads " + file + "? " + checks);
    if (checks.get(0) == Check.OPENMMP) {
      lint(copy.resolve(file.endsWith(".rcp") ? "config/etc/imported.conf" : file));
      return;
    }
    Command.Result result =
        Command.run(
            Map.of(),
            "",
            List.of(
                "bash",
                "-c",
                WORDS + checks.get(0).script,
                copy.resolve(file).toString(),
                copy.toString(),
                PROJECT.toString()));
    assertEquals(0, result.status(), () -> file + "\n" + result.output() + result.errors());
  }

  @Test
  void configurationsOfPagesHaveNoFinding() throws IOException {
    int blocks = 0;
    try (Stream<Path> docs = Files.walk(PROJECT.resolve("docs"));
        Stream<Path> readme = Stream.of(PROJECT.resolve("README.md"))) {
      for (Path page :
          Stream.concat(docs, readme).filter(file -> file.toString().endsWith(".md")).toList()) {
        Matcher block = BLOCK.matcher(text(page));
        while (block.find()) {
          blocks++;
          Path file = copy.resolve("config/etc/page" + blocks + ".conf");
          RunDirectory.write(file, block.group(1));
          lint(file);
        }
      }
    }
    assertTrue(blocks >= 2, () -> "README.md and site.md have one");
  }

  private static void lint(Path configuration) {
    StringWriter said = new StringWriter();
    PrintWriter printer = new PrintWriter(said, true);
    assertEquals(
        0,
        Main.run(printer, printer, "lint", "--config", configuration.toString()),
        () -> configuration + "\n" + said);
  }

  @Test
  void unitsRunWhatIsInstalled() {
    for (Path unit : units()) {
      assertTrue(text(unit).contains("ExecStart=openmmp "), unit.toString());
    }
    assertTrue(
        text(PROJECT.resolve("docker/Dockerfile"))
            .contains("ENTRYPOINT [\"/opt/openmmp/openmmp\"]"));
  }

  @Test // B8.9
  void unitsAreToldHowTheProgramIsAndCountItsFailures() {
    for (Path unit : units()) {
      for (String line :
          List.of(
              "Type=notify",
              "WatchdogSec=30s",
              "StartLimitIntervalSec=600",
              "StartLimitBurst=3",
              "RestartPreventExitStatus=78")) {
        assertTrue(text(unit).contains("\n" + line + "\n"), unit + " lacks " + line);
      }
    }
  }

  private static List<Path> units() {
    try (Stream<Path> all = Files.list(PROJECT.resolve("docker/systemd"))) {
      return all.filter(file -> file.toString().endsWith(".service")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
