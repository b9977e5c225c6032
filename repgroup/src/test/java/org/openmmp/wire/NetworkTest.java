package org.openmmp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.text.AddressLiteral;

class NetworkTest {
  private static InetAddress address(String text) {
    return Objects.requireNonNull(AddressLiteral.parse(text), text);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.0/24, 192.0.2.255, true",
    "192.0.2.0/24, 192.0.3.0, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.6, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "128.0.0.0/1, 127.255.255.255, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "::/0, 2001:db8::1, true",
    "::/0, 10.0.0.1, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8:0:0:8000::/65, 2001:db8::8000:0:0:1, true",
    "2001:db8:0:0:8000::/65, 2001:db8::7fff:0:0:1, false",
    "2001:db8::1/128, 2001:db8::1, true",
    "2001:db8::1/128, 2001:db8::2, false",
  })
  void networkContainsTheAddressesThatShareItsPrefix(String network, String ip, boolean inside) {
    assertEquals(inside, Network.parse(network).contains(address(ip)));
    assertEquals(inside, NetworkSet.parse(List.of("203.0.113.9", network)).contains(address(ip)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/8/8",
        "10.0.0/8",
        "010.0.0.0/8",
        "10.0.0.0/255.0.0.0",
        "localhost",
        "::/129",
        "::ffff:10.0.0.0/95",
        "fe80::1%lo",
        " 10.0.0.0/8",
        "10.0.0.0/999999999999",
      })
  void whatIsNoNetworkIsRefusedWithItsText(String text) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> Network.parse(text));
    assertTrue(refusal.toString().contains(": \"" + text + "\" is no"), refusal.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/8, 10.0.0.0/8",
    "2001:db8::1/32, 2001:db8::/32",
    "::ffff:10.1.2.3/104, 10.0.0.0/8",
    "::ffff:10.1.2.3, 10.1.2.3",
    "192.0.2.1/32, 192.0.2.1",
  })
  void oneNetworkHasOneForm(String text, String form) {
    assertEquals(form, Network.parse(text).toString());
  }

  @ParameterizedTest
  @CsvSource({
    "::, 0:0:0:0:0:0:0:0",
    "::1, 0:0:0:0:0:0:0:1",
    "1::, 1:0:0:0:0:0:0:0",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "64:ff9b::192.0.2.1, 64:ff9b:0:0:0:0:c000:201",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
    "::FFFF:192.0.2.1, 192.0.2.1",
    "2001:DB8::A, 2001:db8:0:0:0:0:0:a",
    "255.255.255.255, 255.255.255.255",
  })
  void literalIsReadInEveryForm(String text, String expected) {
    assertEquals(expected, address(text).getHostAddress());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.256",
        "1.2.3.04",
        "1.2.3.x",
        "16909060",
        "0x1.2.3.4",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
        "12345::",
        "g::",
        "1:2:3:4:5:6:7:1.2.3.4",
        "1.2.3.4::",
        "::1.2.3",
        "[::1]",
        "::1%1",
        "\uff11.2.3.4",
        "\u0661::",
      })
  void whatIsNoLiteralIsNoAddress(String text) {
    assertNull(AddressLiteral.parse(text));
  }

  @Test
  void clientIsAnIpv4AddressOrTheSlash64OfAnIpv6Address() { // B6.4
    assertEquals("192.0.2.1", Network.ofClient(address("192.0.2.1")).toString());
    assertEquals("2001:db8:0:1::/64", Network.ofClient(address("2001:db8:0:1:2:3:4:5")) + "");
    assertEquals(
        Network.ofClient(address("2001:db8:0:1::1")), Network.ofClient(address("2001:db8:0:1::2")));
    assertNotEquals(
        Network.ofClient(address("2001:db8:0:1::1")), Network.ofClient(address("2001:db8:0:2::1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "::1"})
  void networkIsPrintedAsItIsRead(String text) {
    assertEquals(text, Network.parse(text).toString());
  }

  @Test
  void mappedAddressIsTheIpv4AddressHoweverItCame() throws Exception { // B6.4
    byte[] octets = new byte[16];
    octets[10] = octets[11] = (byte) 0xff;
    octets[12] = (byte) 192;
    octets[14] = 2;
    octets[15] = 1;
    InetAddress mapped = Inet6Address.getByAddress(null, octets, 0);
    assertEquals(Network.parse("192.0.2.1"), Network.of(mapped));
    assertEquals(Network.parse("192.0.2.1"), Network.ofClient(mapped));
    assertTrue(Network.parse("192.0.2.0/24").contains(mapped));
    octets[10] = 0;
    assertTrue(Network.of(Inet6Address.getByAddress(null, octets, 0)).ipv6());
  }
}
