package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.ServerTlsConfig;
import org.openmmp.transport.OpenSsl;

/** What will stop working by itself is told before it does. */
class CautionsTest {
  @TempDir private Path folder;

  @ParameterizedTest // B7.4, B8.8
  @CsvSource({
    "20000, false, 41000, false",
    "20000, false, 40999, true",
    "20000, false, 1024, true",
    "20000, true, 81000, false",
    "20000, true, 80999, true",
    "1, false, 1002, false",
    "1, false, 1001, true",
    "1, true, 1004, false",
    "1, true, 1003, true",
    "1000000, false, 2147483647, false",
    "1000000, false, 2000999, true",
  })
  void descriptorsAreTwoForEachClientAPipesTwoAndAReserve(
      int clients, boolean pipes, long limit, boolean told) {
    var said = Cautions.descriptors(clients, pipes, OptionalLong.of(limit));
    assertEquals(told, said.isPresent());
    said.ifPresent(text -> assertTrue(text.contains("this process may have " + limit), text));
  }

  @Test
  void anUnknownLimitIsNoReasonToWarn() {
    assertTrue(Cautions.descriptors(1_000_000, true, OptionalLong.empty()).isEmpty());
  }

  @ParameterizedTest // B3.21
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | ''",
        "22 | ''",
        "24 | CN=CA has revoked ends soon, at ",
        "31 | CN=CA has revoked ended at ",
      })
  void aListOfRevokedCertificatesIsToldAWeekBeforeItsEnd(int daysLater, String expected)
      throws Exception {
    new OpenSsl(folder).authority("CA").run("ca -config ca.cnf -gencrl -out crl.pem");
    List<String> said =
        cautions("client-crl-file = crl.pem", Instant.now().plus(Duration.ofDays(daysLater)));
    assertEquals(expected.isEmpty() ? 0 : 1, said.size(), said::toString);
    assertTrue(expected.isEmpty() || said.get(0).contains(expected), said::toString);
  }

  @Test // B3.21
  void anAuthorityWithoutAListIsToldOnceAnotherHasOne() throws Exception {
    new OpenSsl(folder).authority("Second");
    String second = Files.readString(folder.resolve("ca.pem"));
    new OpenSsl(folder).authority("CA").run("ca -config ca.cnf -gencrl -out crl.pem");
    Files.writeString(
        folder.resolve("ca.pem"), Files.readString(folder.resolve("ca.pem")) + second);
    assertEquals(List.of(), cautions("", Instant.now()));
    List<String> said = cautions("client-crl-file = crl.pem", Instant.now());
    assertEquals(1, said.size(), said::toString);
    assertTrue(said.get(0).contains("no list of certificates that CN=Second"), said::toString);
  }

  /** What is said of lists, by a server whose own certificate lasts. */
  private List<String> cautions(String more, Instant now) throws Exception {
    new OpenSsl(folder)
        .run(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out"
                + " own.pem -days 3650 -subj /CN=mmp");
    ServerTlsConfig tls =
        ConfigReader.load(
                Files.writeString(
                    folder.resolve("openmmp.conf"),
                    """
                    openmmp.directory { urls = "ldap://127.0.0.1", base-dn = "dc=x" }
                    openmmp.tls {
                      certificate = own.pem, key = own.key
                      client-auth = optional, client-ca-file = ca.pem
                      %s
                    }
                    """
                        .formatted(more)))
            .tls();
    return Cautions.certificates(tls, now);
  }

  @Test // B7.12
  void heapThatClientsMayUseUpIsTold() {
    assertTrue(Cautions.memory(20_000, 256L << 20).isEmpty());
    assertEquals(
        "openmmp.limits.max-connections is 1000000, which may take 7844 MiB of heap; Java has 256"
            + " MiB (give the machine more memory, or JAVA_OPTS=-Xmx…)",
        Cautions.memory(1_000_000, 256L << 20).orElseThrow());
  }

  @Test // B7.12
  void whatMayRunOutIsToldAtTheStart() {
    assertTrue(
        Cautions.sizes()
            .matches("heap=[0-9]+ MiB direct=[0-9]+ MiB descriptors=[0-9]+ processors=[0-9]+"),
        Cautions::sizes);
  }

  @Test
  void itIsToldWhatSessionsOfAGroupCannotOutliveTheirStoreFor() throws Exception { // B9.3
    Path file = folder.resolve("openmmp.conf");
    Files.writeString(
        file,
        """
        openmmp.directory { urls = ["ldap://localhost"], base-dn = "dc=x" }
        openmmp.proxy-defaults.survive-failover = on
        openmmp.proxy.bare.storehostlist = "a b c"
        openmmp.proxy.single { storehostlist = d, imapadmin = root, imapadminpass = x }
        openmmp.proxy.fit { storehostlist = "e f g", imapadmin = root, imapadminpass = x }
        openmmp.proxy.other { storehostlist = "h i j", survive-failover = off }
        """);
    List<String> told = Cautions.immovable(ConfigReader.load(file));
    assertEquals(2, told.size(), told.toString());
    assertTrue(
        told.get(0).startsWith("openmmp.proxy.\"bare\".survive-failover is on, and no imapadmin"));
    assertTrue(
        told.get(1)
            .startsWith(
                "openmmp.proxy.\"single\".survive-failover is on, and the group has one host"));
  }
}
