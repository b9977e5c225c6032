package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator may not have meant is said, and is no error (rule B7.4). */
class ConfigLintTest {
  private static final String LISTENER =
      "openmmp.imap { listen = [\"127.0.0.1:0\"], clear-text-passwords = always }\n";

  @TempDir Path directory;

  private List<String> findings(String added) throws Exception {
    OpenMmpConfig config = new ConfigText(directory).load(added);
    return ConfigLint.findings(config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "g.storehostlist = a | \"g\".storehostlist has one host",
        "g.imapport = 1143 | \"g\".storehostlist has one host",
        "g.storehostlist = \"a b\" | \"g\".storehostlist has two hosts",
        "g.storehostlist = \"a b c A.\" | \"g\".storehostlist names the host a twice",
        "g { storehostlist = \"a b c\", affinity = off } | \"g\".affinity is off",
        "g { storehostlist = \"a b c\", standby-site = [a, b, c] } | \"g\".standby-site has all",
        "g { storehostlist = \"a b c\", login-answer-timeout = 25s } | lets one attempt take 32s",
        "g { storehostlist = \"a b c\", client-id = none } | \"g\".client-id is none",
        "g { storehostlist = \"a b x\" }, h { storehostlist = \"d e x\" }"
            + " | has the host x in the groups g, h",
      })
  void eachDoubtIsNamed(String groups, String expected) throws Exception {
    List<String> findings = findings(LISTENER + "openmmp.proxy { " + groups + " }\n");
    assertEquals(1, findings.size(), findings::toString);
    assertTrue(findings.get(0).contains(expected), findings::toString);
  }

  @Test
  void aHostTwiceDoesNotCountAsTwoHosts() throws Exception {
    assertEquals(2, findings(LISTENER + "openmmp.proxy.g.storehostlist = \"a a\"\n").size());
  }

  @Test
  void aGroupThatListsItsOwnNameIsNormal() throws Exception { // B2.1
    assertEquals(List.of(), findings(LISTENER + "openmmp.proxy.a.storehostlist = \"a b c\"\n"));
  }

  @Test
  void aPatternThatTrustsEverybodyIsNamed() throws Exception { // B3.7
    List<String> findings = findings(LISTENER + "openmmp.login.referral.trusted = [\"*\"]\n");
    assertEquals(1, findings.size(), findings::toString);
    assertTrue(findings.get(0).startsWith("openmmp.login.referral.trusted has *"));
  }

  @Test
  void aFrontEndWithoutListenersIsNamed() throws Exception {
    assertTrue(findings("").get(0).startsWith("openmmp has no listener"));
    assertEquals(List.of(), findings("openmmp.lmtp.listen = [\"127.0.0.1:0\"]"));
    assertEquals(List.of(), findings(LISTENER.replace("imap", "pop3")));
  }

  @ParameterizedTest // B7.4
  @CsvSource(
      delimiter = '|',
      value = {
        "off | off | off | openmmp.proxy.\"g\".tls is off",
        "opportunistic | opportunistic | opportunistic | openmmp.proxy.\"g\".tls is opportunistic",
        "starttls | starttls | off | openmmp.proxy.\"g\".lmtp.tls is off",
        "starttls | off | implicit | openmmp.proxy.\"g\".pop3.tls is off",
        "opportunistic | off | starttls"
            + " | openmmp.proxy.\"g\".imap.tls is opportunistic; openmmp.proxy.\"g\".pop3.tls is off",
        "starttls | implicit | starttls | ''",
      })
  void storesThatAreReachedWithoutVerifiedTlsAreNamed(
      String imap, String pop3, String lmtp, String expected) throws Exception {
    List<String> findings =
        findings(
            LISTENER
                + "openmmp.proxy.g { storehostlist = \"a b c\", imap.tls = "
                + imap
                + ", pop3.tls = "
                + pop3
                + ", lmtp.tls = "
                + lmtp
                + " }\n");
    assertEquals(expected, beginnings(findings));
  }

  @Test // B7.4
  void aDefaultInTheClearIsNamedOnceForAllGroups() throws Exception {
    String groups =
        "openmmp.proxy { g.storehostlist = \"a b c\", h { storehostlist = \"d e f\","
            + " tls = opportunistic } }\n";
    assertEquals(
        "openmmp.proxy-defaults.tls is off; openmmp.proxy.\"h\".tls is opportunistic",
        beginnings(findings(LISTENER + groups + "openmmp.proxy-defaults.tls = off\n")));
  }

  @ParameterizedTest // B3.2
  @CsvSource(
      delimiter = '|',
      value = {
        "*:143 | always | openmmp.imap.clear-text-passwords is always at 0.0.0.0:143",
        "192.0.2.1:143 | always | openmmp.imap.clear-text-passwords is always at 192.0.2.1:143",
        "[::]:143 | always | openmmp.imap.clear-text-passwords is always at [::]:143",
        "mail.example.com:143 | always"
            + " | openmmp.imap.clear-text-passwords is always at mail.example.com:143",
        "127.0.0.2:143 | always | ''",
        "[::1]:143 | always | ''",
        "localhost:143 | always | ''",
        "*:143 | loopback | ''",
      })
  void passwordsInTheClearAreNamedWhereClientsComeFromElsewhere(
      String address, String who, String expected) throws Exception {
    String listener = "{ address = \"" + address + "\", clear-text-passwords = " + who + " }";
    for (String section : List.of("imap", "pop3")) {
      List<String> findings = findings("openmmp." + section + ".listen = [" + listener + "]\n");
      String found = findings.isEmpty() ? "" : findings.get(0);
      assertEquals(expected.isEmpty(), findings.isEmpty(), findings::toString);
      assertTrue(found.startsWith(expected.replace("imap", section)), found);
    }
  }

  @Test // B3.2, B6.5
  void aBalancerOnThisMachineBringsClientsFromElsewhere() throws Exception {
    List<String> findings =
        findings(
            "openmmp.proxy-protocol.networks = [\"127.0.0.1\"]\nopenmmp.imap.listen ="
                + " [{ address = \"127.0.0.1:143\", clear-text-passwords = always,"
                + " proxy-protocol = required }]\n");
    assertEquals(1, findings.size(), findings::toString);
  }

  @ParameterizedTest // B7.4
  @CsvSource({
    "0.0.0.0/0, true",
    "128.0.0.0/1, true",
    "64.0.0.0/7, true",
    "10.0.0.0/8, false",
    "192.0.2.7, false",
    "'::/0', true",
    "'2000::/3', true",
    "'2001::/15', true",
    "'8000::/1', true",
    "'f000::/4', true",
    "'::ffff:0:0/96', true",
    "'::ffff:128.0.0.0/97', true",
    "'::ffff:10.0.0.0/104', false",
    "'fc00::/7', false",
    "'fe80::/10', false",
    "'2001:db8::/32', false",
    "'::1', false",
  })
  void aTrustThatIsAsWideAsTheWorldIsNamed(String network, boolean wide) throws Exception {
    for (String key :
        List.of(
            "proxy-protocol.networks",
            "imap.trusted-proxies",
            "pop3.trusted-proxies",
            "lmtp.trusted-clients",
            "lmtp.client-networks",
            "limits.exempt-networks",
            "log.health-check-networks")) {
      List<String> findings =
          findings(
              LISTENER.replace(
                      " }",
                      ", listen = [{ address = \"127.0.0.1:0\","
                          + " proxy-protocol = required }] }")
                  + "openmmp.proxy-protocol.networks = [\"192.0.2.1\"]\nopenmmp."
                  + key
                  + " = [\""
                  + network
                  + "\"]\n");
      findings = findings.stream().filter(each -> !each.contains("clear-text")).toList();
      assertEquals(wide ? 1 : 0, findings.size(), key + findings);
      if (wide) {
        assertTrue(findings.get(0).startsWith("openmmp." + key + " has "), findings::toString);
      }
    }
  }

  @ParameterizedTest // B7.4
  @CsvSource(
      delimiter = '|',
      value = {
        "imap.listen = \"*:143\" | pop3.listen = \"*:143\" | true",
        "imap.listen = \"*:143\" | lmtp.listen = \"127.0.0.1:143\" | true",
        "imap.listen = \"[::]:143\" | lmtp.listen = \"127.0.0.1:143\" | true",
        "imap.listen = \"[::]:143\" | pop3.listen = \"*:143\" | true",
        "imap.listen = \"[::1]:143\" | pop3.listen = \"[0:0:0:0:0:0:0:1]:143\" | true",
        "imap.listen = \"localhost:143\" | pop3.listen = \"127.0.0.1:143\" | true",
        "imap.listen = \"mail.example.com:143\" | pop3.listen = \"*:143\" | true",
        "imap.listen = \"127.0.0.1:9080\" | pop3.listen = [] | true",
        "lmtp.listen = \"*:9080\" | pop3.listen = [] | true",
        "imap.listen = [\"127.0.0.1:143\", \"127.0.0.1:143\"] | pop3.listen = [] | true",
        "imap.listen = \"127.0.0.1:143\" | pop3.listen = \"127.0.0.2:143\" | false",
        "imap.listen = \"*:143\" | pop3.listen = \"[::1]:143\" | false",
        "imap.listen = \"*:0\" | pop3.listen = \"*:0\" | false",
        "imap.listen = \"*:143\" | pop3.listen = \"*:110\" | false",
      })
  void twoListenersAtOnePortAreNamed(String one, String other, boolean met) throws Exception {
    List<String> findings =
        findings(
            "openmmp.imap.clear-text-passwords = loopback\n"
                + "openmmp.pop3.clear-text-passwords = loopback\nopenmmp."
                + one
                + "\nopenmmp."
                + other
                + "\n");
    assertEquals(met ? 1 : 0, findings.size(), findings::toString);
    assertEquals(met, findings.toString().contains("one port serves one of them"));
  }

  @ParameterizedTest // B7.4
  @CsvSource({
    "rw-------, ''",
    "rw-r-----, ''",
    "rw-r--r--, may read:",
    "rw-rw-rw-, may read and change:",
    "rw-----w-, may change:",
  })
  void aPasswordThatOthersMayReadIsNamedWhereverItStands(String mode, String expected)
      throws Exception {
    ConfigText text = new ConfigText(directory);
    Path inFile = text.file("ldap.password", "secret\n");
    Path written =
        text.file("admin.conf", "openmmp.admin.token = \"a-token-of-some-length-0123456789\"\n");
    for (Path each : List.of(inFile, written)) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString(mode));
    }
    List<String> findings =
        findings(
            LISTENER
                + "include required(\"admin.conf\")\n"
                + "openmmp.directory { bind-dn = \"cn=x\", bind-password-file = ldap.password }\n");
    assertEquals(expected.isEmpty() ? 0 : 2, findings.size(), findings::toString);
    if (!expected.isEmpty()) {
      assertTrue(
          findings.get(0).startsWith("openmmp.directory.bind-password-file stands in " + inFile),
          findings::toString);
      assertTrue(
          findings.get(1).startsWith("openmmp.admin.token stands in " + written),
          findings::toString);
      assertTrue(findings.stream().allMatch(each -> each.contains(expected)), findings::toString);
    }
  }

  @Test // B7.4
  void aPasswordOfTheDefaultsIsNamedOnce() throws Exception {
    ConfigText text = new ConfigText(directory);
    Path file = text.file("admin.password", "secret\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    List<String> findings =
        findings(
            LISTENER
                + "openmmp.proxy { g.storehostlist = \"a b c\", h.storehostlist = \"d e f\" }\n"
                + "openmmp.proxy-defaults { imapadmin = root,"
                + " imapadminpass-file = admin.password }\n");
    assertEquals(1, findings.size(), findings::toString);
    assertTrue(
        findings.get(0).startsWith("openmmp.proxy-defaults.imapadminpass-file"),
        findings::toString);
  }

  /** What each finding says before its reason. */
  private static String beginnings(List<String> findings) {
    return findings.stream()
        .map(finding -> finding.substring(0, finding.indexOf(':')))
        .collect(Collectors.joining("; "));
  }
}
