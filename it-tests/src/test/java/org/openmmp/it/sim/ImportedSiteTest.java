package org.openmmp.it.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.ConfigReader;
import org.openmmp.it.fixture.Endpoint;
import org.openmmp.it.fixture.ImapConnection;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.MailProtocol;
import org.openmmp.it.fixture.MailUser;
import org.openmmp.it.fixture.Ports;
import org.openmmp.program.Main;
import org.openmmp.program.Program;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.DirectoryUser;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.NodeTls;

/** What another product's files become is linted, started, and lets a user in. */
final class ImportedSiteTest {
  private static final String MMP =
      """
      role.base.ugldaphost = 127.0.0.1
      role.base.ugldapport = <ldap>
      role.base.ugldapbasedn = <base>
      role.base.ugldapbinddn = <bind>
      role.base.ugldapbindcred = <secret>
      role.base.defaultdomain = example.com
      instance.base.listenaddr = 127.0.0.1
      role.imapproxy.tcp_listen:imapproxy1.tcp_ports = <port>
      role.imapproxy.searchformat = (mail=%s)
      role.imapproxy.replayformat = %U@%V
      msconfig set proxy:cluster1.storehostlist "<hosts>"
      msconfig set proxy:cluster1.imapport <imap>
      """;

  private static final String DOVECOT =
      """
      disable_plaintext_auth = no
      auth_default_realm = example.com
      hosts = 127.0.0.1:<ldap>
      dn = <bind>
      dnpass = <secret>
      base = <base>
      pass_filter = (mail=%u)
      pass_attrs = mailHost=host,mail=user,=proxy=y,=port=<imap>
      service imap-login {
        inet_listener imap { address = 127.0.0.1
          port = <port>
        }
      }
      """;

  private static final String NGINX =
      "mail { auth_http x; server { listen 127.0.0.1:<port>; protocol imap; } }\n";

  private static final String PERDITION =
      """
      protocol IMAP4
      bind_address 127.0.0.1
      listen_port <port>
      outgoing_server <hosts>
      outgoing_port <imap>
      map_library_opt "ldap://127.0.0.1:<ldap>/<base>?mail,mailHost?sub?(mail=%s)"
      """;

  /** What an administrator adds after reading what was left out. */
  private static final String DIRECTORY =
      """
      openmmp.directory {
        urls = "ldap://127.0.0.1:<ldap>", base-dn = "<base>", default-domain = example.com
        bind-dn = "<bind>", bind-password = "<secret>"
      }
      openmmp.proxy-defaults.imapport = <imap>
      """;

  @TempDir private Path files;

  @ParameterizedTest
  @CsvSource({"mmp,cluster1", "dovecot,", "nginx,", "perdition,"})
  void importedConfigurationIsLintedStartsAndLetsAUserIn(String product, String mailHost)
      throws Exception {
    Accounts accounts = new Accounts();
    MailUser alice = MailUser.of("alice");
    accounts.user(alice.login(), alice.password());
    try (LogCapture log = new LogCapture();
        EmbeddedDirectory directory = EmbeddedDirectory.start();
        StoreCluster cluster =
            StoreCluster.start(
                ClusterSettings.replicated("cluster1", "huey", "dewey"),
                accounts,
                List.of(new ImapEndpoint(NodeTls.none())))) {
      String home = mailHost == null ? cluster.node("huey").hostName() : mailHost;
      directory.add(new DirectoryUser(alice.name(), alice.domain(), alice.password(), home));
      Path made = files.resolve("openmmp.conf");
      Path old =
          Files.writeString(files.resolve("old"), filled(textOf(product), directory, cluster));
      assertEquals(0, run("import", product, old.toString(), "--to", made.toString()));
      String added =
          product.equals("nginx") || product.equals("perdition")
              ? filled(DIRECTORY, directory, cluster)
              : "";
      Files.writeString(
          made,
          Files.readString(made)
              + added
              + "openmmp { admin { listen = \"127.0.0.1:0\", socket = null }, state-file = null }\n");
      assertEquals(0, run("lint", "--config", made.toString()));
      try (Program program = Program.start(ConfigReader.load(made), Set.of("proxy"));
          ImapConnection client =
              new ImapConnection(
                  new Endpoint(
                      MailProtocol.IMAP,
                      "127.0.0.1",
                      program.addresses("imap").get(0).getPort(),
                      Endpoint.Security.PLAIN,
                      files))) {
        assertTrue(client.login(alice).isOk(), log::text);
      }
      LogWatch.failOnSecrets(List.of(alice.password()), "the log", log.text());
    }
  }

  @Test
  void importNeverOverwritesAFileAndKeepsTheNewOneToItsOwner() throws Exception {
    Path old = Files.writeString(files.resolve("old"), NGINX.replace("<port>", "143"));
    Path made = files.resolve("new.conf");
    assertEquals(0, run("import", "nginx", old.toString(), "--to", made.toString()));
    assertEquals(
        "[OWNER_READ, OWNER_WRITE]",
        List.copyOf(new TreeSet<>(Files.getPosixFilePermissions(made))).toString());
    assertEquals(2, run("import", "nginx", old.toString(), "--to", made.toString()));
    assertEquals(2, run("import", "cyrus", old.toString()));
    assertEquals(2, run("import", "mmp", files.resolve("nothing").toString()));
    assertEquals(
        1, run("import", "mmp", Files.writeString(files.resolve("none"), "# \n").toString()));
  }

  private static String textOf(String product) {
    return switch (product) {
      case "mmp" -> MMP;
      case "dovecot" -> DOVECOT;
      case "nginx" -> NGINX;
      default -> PERDITION;
    };
  }

  private static String filled(String text, EmbeddedDirectory directory, StoreCluster cluster) {
    return text.replace("<ldap>", "" + directory.port())
        .replace("<base>", EmbeddedDirectory.BASE_DN)
        .replace("<bind>", EmbeddedDirectory.BIND_DN)
        .replace("<secret>", EmbeddedDirectory.BIND_PASSWORD)
        .replace("<hosts>", cluster.storeHostList())
        .replace("<imap>", "" + cluster.port("imap"))
        .replace("<port>", "" + Ports.freeOn("127.0.0.1"));
  }

  private static int run(String... line) {
    StringWriter told = new StringWriter();
    int status = Main.run(new PrintWriter(told, true), new PrintWriter(told, true), line);
    System.out.println(told);
    return status;
  }
}
