package org.openmmp.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.directory.ldap.DirectoryConfig;

/** URLs of directory servers have hosts of the one grammar (rule B1.6). */
class LdapUrlTest {
  @ParameterizedTest // B1.6
  @CsvSource({
    "ldap://ldap1.example.com, ldap1.example.com, 389, false",
    "LDAPS://LDAP1.Example.COM./, ldap1.example.com, 636, true",
    "ldap://ldap_1.example.com:1389, ldap_1.example.com, 1389, false",
    "ldap://ldap1:, ldap1, 389, false",
    "ldaps://[::1]:80, ::1, 80, true",
    "ldap://[0:0:0:0:0:0:0:1]/, ::1, 389, false",
    "ldap://192.0.2.1:65535, 192.0.2.1, 65535, false",
  })
  void hostAndPortAreRead(String url, String host, int port, boolean ldaps) {
    assertEquals(
        Optional.of(new DirectoryConfig.Server(host, port, ldaps)), DirectoryReader.server(url));
  }

  @ParameterizedTest // B1.6
  @ValueSource(
      strings = {
        "ldap://",
        "ldap1.example.com",
        "http://ldap1",
        "ldap://::1",
        "ldap://[fe80::1%lo]",
        "ldap://fe80::1%lo",
        "ldap://010.0.0.1",
        "ldap://0x7f.1:389",
        "ldap://ldap1:0",
        "ldap://ldap1:65536",
        "ldap://user@ldap1",
        "ldap://ldap1/dc=example",
        "ldap://ldap1?x",
        "ldap://ldap1#x",
        "ldap://[ldap1]"
      })
  void anythingElseIsNone(String url) {
    assertEquals(Optional.empty(), DirectoryReader.server(url));
  }
}
