package org.openmmp.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServiceAccessTest {
  // B1.5
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // rules                            | service | tls   | address     | name         | allowed
        "''                                 | imap    | false | 192.0.2.1   | ''           | true",
        "+imap,imaps:ALL$-pop:*             | imap    | false | 192.0.2.1   | ''           | true",
        "+imap,imaps:ALL$-pop:*             | imap    | true  | 192.0.2.1   | ''           | true",
        "+imap,imaps:ALL$-pop:*             | pop3    | false | 192.0.2.1   | ''           | false",
        "+imap,imaps:ALL$-pop:*             | pop3    | true  | 192.0.2.1   | ''           | true",
        "-pop3:*                            | pop3    | false | 192.0.2.1   | ''           | false",
        "-pop3:*                            | pop3    | true  | 192.0.2.1   | ''           | true",
        "-pops:*                            | pop3    | true  | 192.0.2.1   | ''           | false",
        "-pops:*                            | pop3    | false | 192.0.2.1   | ''           | true",
        "-pop3s:*                           | pop3    | true  | 192.0.2.1   | ''           | false",
        "+pop3,pop3s:ALL                    | pop3    | true  | 192.0.2.1   | ''           | true",
        "+pop3,pop3s:ALL                    | imap    | true  | 192.0.2.1   | ''           | false",
        "+imap:ALL                          | imap    | true  | 192.0.2.1   | ''           | false",
        "+imap:ALL                          | pop3    | false | 192.0.2.1   | ''           | false",
        "-imap:*$-pop:*$-http:*             | imap    | false | 192.0.2.1   | ''           | false",
        "-imap:*$-pop:*$-http:*             | imap    | true  | 192.0.2.1   | ''           | true",
        "-all:all$+imap:192.0.2.1           | imap    | false | 192.0.2.1   | ''           | true",
        "-ALL:ALL$+imap:192.0.2.1           | imap    | false | 192.0.2.2   | ''           | false",
        "+IMAP : 192.0.2.1 , 192.0.2.3      | imap    | false | 192.0.2.3   | ''           | true",
        "+ALL:192.0.2.0/255.255.255.0       | imap    | false | 192.0.2.200 | ''           | true",
        "+ALL:192.0.2.0/255.255.255.0       | imap    | false | 192.0.3.200 | ''           | false",
        "+ALL:192.0.2.0/25                  | imap    | false | 192.0.2.127 | ''           | true",
        "+ALL:192.0.2.0/25                  | imap    | false | 192.0.2.128 | ''           | false",
        "+ALL:0.0.0.0/0                     | imap    | false | 203.0.113.9 | ''           | true",
        "+ALL:0.0.0.0/0                     | imap    | false | 2001:db8::1 | ''           | false",
        "+ALL:192.0.2.                      | imap    | false | 192.0.2.9   | ''           | true",
        "+ALL:192.0.                        | imap    | false | 192.1.2.9   | ''           | false",
        "+ALL:192.0.2.1                     | imap    | false | ::ffff:192.0.2.1 | ''      | true",
        "+ALL:2001:db8::/32                 | imap    | false | 2001:db8:7::1 | ''         | true",
        "+ALL:2001:db8::/32                 | imap    | false | 2001:db9::1 | ''           | false",
        "+ALL:[2001:db8::1]                 | imap    | false | 2001:DB8:0::1 | ''         | true",
        "+ALL:.example.com                  | imap    | false | 192.0.2.1   | PC.example.com | true",
        "+ALL:.example.com                  | imap    | false | 192.0.2.1   | badexample.com | false",
        "+ALL:.example.com                  | imap    | false | 192.0.2.1   | ''           | false",
        "+ALL:pc.example.com                | imap    | false | 192.0.2.1   | pc.example.com | true",
        "+ALL:KNOWN                         | imap    | false | 192.0.2.1   | pc           | true",
        "-ALL:UNKNOWN                       | imap    | false | 192.0.2.1   | ''           | false",
        "+ALL:LOCAL                         | imap    | false | 192.0.2.1   | pc           | true",
        "+ALL:LOCAL                         | imap    | false | 192.0.2.1   | pc.example   | false",
        "-ALL EXCEPT pop:192.0.2.1          | pop3    | false | 192.0.2.1   | ''           | true",
        "-ALL EXCEPT pop:192.0.2.1          | imap    | false | 192.0.2.1   | ''           | false",
        "-ALL:ALL EXCEPT 192.0.2.1          | imap    | false | 192.0.2.1   | ''           | true",
        "-ALL:ALL EXCEPT 192.0.2.1          | imap    | false | 192.0.2.2   | ''           | false",
        "-ALL:ALL EXCEPT 192.0.2. except 192.0.2.1 | imap | false | 192.0.2.1 | ''          | false",
        "+ALL:ALL                           | imap    | false | ''          | ''           | true",
        "+ALL:192.0.2.1                     | imap    | false | ''          | ''           | false",
      })
  void filtersDecide(
      String rules, String service, boolean tls, String address, String name, boolean allowed)
      throws UnusableValueException {
    LookupRequest request = new LookupRequest("alice", "", service, tls, address, "192.0.2.254");
    assertEquals(allowed, ServiceAccess.parse(rules).allows(request, name));
  }

  // B1.5: what cannot be read allows nothing by chance
  @ParameterizedTest
  @ValueSource(
      strings = {
        "imap:ALL",
        "+imap",
        "+:ALL",
        "+imap:",
        "+imap:ALL$nonsense",
        "+im*p:ALL",
        "+imap:192.0.2.0/33",
        "+imap:192.0.2.0/255.0.255.0",
        "+imap:192.0.2.0/ffff::",
        "+imap:192.0.2.0/",
        "+imap:host/8",
        "+imap:@netgroup",
        "+imap:user@host",
        "+imap:DNSSPOOFER",
        "+imap:999.1.",
        "+imap:*.example.com",
      })
  void rulesOutsideTheGrammarAreUnusable(String rules) {
    assertThrows(UnusableValueException.class, () -> ServiceAccess.parse(rules));
  }

  @Test
  void clientsNameIsWantedOnlyForNamePatterns() throws UnusableValueException {
    assertFalse(ServiceAccess.parse("+imap:192.0.2.1,10.0.0.0/8,ALL").wantsClientName());
    assertTrue(ServiceAccess.parse("+imap:192.0.2.1 EXCEPT .example.com").wantsClientName());
  }

  @Test
  void severalValuesAreOneSetOfFilters() throws UnusableValueException {
    ServiceAccess both =
        ServiceAccess.parse("-imap:ALL").and(ServiceAccess.parse("+imap:192.0.2.1"));
    LookupRequest request = new LookupRequest("alice", "", "imap", false, "192.0.2.1", "");
    assertTrue(both.allows(request, ""));
  }
}
