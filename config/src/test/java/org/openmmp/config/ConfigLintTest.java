package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
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
    return ConfigLint.findings(config).stream().map(LintFinding::toString).toList();
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
}
