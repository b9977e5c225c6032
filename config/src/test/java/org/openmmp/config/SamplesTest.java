package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.wire.Secret;

/** The sample files load as they stand, once the files that they name are there. */
class SamplesTest {
  private static final Path ETC = Path.of("etc");
  private static final String PEM = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";

  @TempDir Path directory;

  @BeforeEach
  void copySamples() throws IOException {
    try (Stream<Path> files = Files.list(ETC)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    for (String pem : List.of("mmp.pem", "mmp.key", "stores-ca.pem")) {
      Files.writeString(directory.resolve(pem), PEM);
    }
    Files.writeString(directory.resolve("ldap.password"), "secret\n");
    for (String secret : List.of("mmp.key", "ldap.password")) {
      Files.setPosixFilePermissions(
          directory.resolve(secret), PosixFilePermissions.fromString("rw-r-----"));
    }
  }

  @Test
  void everySampleLoads() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> samples = files.filter(file -> file.toString().endsWith(".conf")).toList();
      assertTrue(samples.size() >= 3);
      for (Path sample : samples) {
        assertEquals(List.of(), ConfigReader.load(sample).notices(), sample.toString());
      }
    }
  }

  @Test
  void theDeploymentHasTheGroupsOfTheManual() throws Exception {
    OpenMmpConfig config = ConfigReader.load(directory.resolve("openmmp.conf"));
    assertEquals(
        List.of(
            "cluster1=[huey.example.com, dewey.example.com, louie.example.com]",
            "store1.example.com=[store1a.example.com, store1b.example.com, store1c.example.com]"),
        config.groups().stream().map(group -> group.name() + "=" + group.hosts()).toList());
    assertEquals(Secret.of("secret"), config.directory().bindPassword());
    assertEquals(
        List.of(directory.resolve("stores-ca.pem")),
        config.groups().get(1).imap().trust().caFile().stream().toList());
    assertEquals(List.of(), ConfigLint.findings(config));
  }

  @Test
  void theImportedGroupsAreThere() throws Exception {
    OpenMmpConfig config = ConfigReader.load(directory.resolve("imported.conf"));
    assertEquals(
        List.of("store1.example.com", "store2.example.com"),
        config.groups().stream().map(GroupConfig::name).toList());
  }
}
