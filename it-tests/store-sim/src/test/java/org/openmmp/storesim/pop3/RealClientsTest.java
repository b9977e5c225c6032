package org.openmmp.storesim.pop3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.ForeignClient;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.session.NodeTls;

class RealClientsTest {
  private static final String BIG = ".a line that begins with a dot\r\n..and two\r\n".repeat(9_000);

  @TempDir private Path directory;
  private StoreCluster cluster;
  private Path certificate;

  @BeforeEach
  void startGroup() {
    ClusterSettings settings = ClusterSettings.replicated("cluster1", "huey");
    SimulatedCertificate made = SimulatedCertificate.forHostsOf(settings);
    certificate = made.writeCertificate(directory.resolve("store.pem"));
    cluster =
        StoreCluster.start(
            settings,
            new Accounts().user("alice", "sesame"),
            List.of(
                new Pop3Endpoint(NodeTls.none()),
                new Pop3Endpoint("stls", NodeTls.startTls(made.serverContext())),
                new Pop3Endpoint("pop3s", NodeTls.implicit(made.serverContext()))));
    for (String message : List.of("Subject: one\r\n\r\n.\r\n.body\r\n", BIG)) {
      cluster
          .mail()
          .of("alice")
          .inbox()
          .append(
              List.of(),
              OffsetDateTime.parse("2026-11-02T08:30:01Z"),
              message.getBytes(StandardCharsets.US_ASCII));
    }
  }

  @AfterEach
  void stopGroup() {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({"pop3, pop3, no", "pop3, stls, yes", "pop3s, pop3s, yes"})
  void curlListsFetchesAndDeletesOverEveryKindOfTls(String scheme, String service, String tls)
      throws Exception {
    String url = scheme + "://" + cluster.node("huey").address() + ":" + cluster.port(service);
    List<String> options = new ArrayList<>();
    if (tls.equals("yes")) {
      options.addAll(List.of("--ssl-reqd", "--cacert", certificate.toString()));
    }
    assertEquals("1 26\r\n2 387000\r\n", ForeignClient.curl(url + "/", options));
    assertEquals(BIG, ForeignClient.curl(url + "/2", options));
    assertEquals(BIG, ForeignClient.curl(url + "/2", options, "--login-options", "AUTH=PLAIN"));
    ForeignClient.curl(url + "/1", options, "-X", "DELE", "-I");
    assertEquals("1 387000\r\n", ForeignClient.curl(url + "/", options));
  }

  @Test
  void poplibDoesItsTour() throws Exception {
    String said =
        ForeignClient.python(RealClientsTest.class, "poplib_tour.py", cluster.node("huey"), "pop3");
    assertEquals(
        """
        ['PLAIN', 'OAUTHBEARER', 'XOAUTH2']
        (2, 387026)
        [b'1 26', b'2 387000']
        [b'Subject: one', b'', b'.', b'.body'] 26
        [b'Subject: one', b'', b'.']
        True
        b'+OK marked'
        (1, 387000)
        b'+OK 2 387026'
        b'+OK goodbye'
        """,
        said);
  }
}
