package org.openmmp.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressLiteralTest {
  // B8.6: the forms of RFC 5952 section 4 and 5
  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "0:0:0:0:0:0:0:1, ::1",
    "0:0:0:0:0:0:0:0, ::",
    "1:0:0:0:0:0:0:0, 1::",
    "2001:0DB8::0001, 2001:db8::1",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "::ffff:192.0.2.1, 192.0.2.1",
    "::FFFF:c000:201, 192.0.2.1",
    "64:ff9b::192.0.2.1, 64:ff9b::c000:201",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
  })
  void anAddressHasOneText(String text, String told) {
    InetAddress address = AddressLiteral.parse(text);
    assertNotNull(address);
    assertEquals(told, AddressLiteral.textOf(address));
    assertEquals(address, AddressLiteral.parse(told));
    assertEquals(told, AddressLiteral.canonical(text));
  }

  @Test
  void neitherAZoneNorAMappedFormIsTold() throws UnknownHostException {
    byte[] linkLocal = {(byte) 0xfe, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    assertEquals("fe80::1", AddressLiteral.textOf(Inet6Address.getByAddress("", linkLocal, 3)));
    byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, (byte) 192, 0, 2, 1};
    assertEquals("192.0.2.1", AddressLiteral.textOf(Inet6Address.getByAddress("", mapped, -1)));
  }

  @ParameterizedTest
  @CsvSource({"::1, [::1]:143", "192.0.2.1, 192.0.2.1:143"})
  void aPortStandsBehindBracketsWhereTheAddressHasColons(String text, String told) {
    InetAddress address = AddressLiteral.parse(text);
    assertEquals(told, AddressLiteral.textOf(new InetSocketAddress(address, 143)));
    assertEquals(
        "huey:143", AddressLiteral.textOf(InetSocketAddress.createUnresolved("huey", 143)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1",
        "010.0.0.1",
        "1.2.3",
        "1",
        "0x7f.1",
        "0X7F000001",
        "0x",
        "a.0x1f",
        "1.2.3.4.",
        "::1",
        "a:b",
        "store.7"
      })
  void whatALibraryMightTakeForAnAddressLooksLikeOne(String text) {
    assertTrue(AddressLiteral.looksLikeOne(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "huey", "1und1.example", "7.example", "a.0x1g", "store.7x", "x1"})
  void aHostNameDoesNotLookLikeAnAddress(String text) {
    assertFalse(AddressLiteral.looksLikeOne(text));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 32",
    "10.0.0.0/8, 8",
    "0.0.0.0/0, 0",
    "::/0, 0",
    "2001:db8::/32, 32",
    "::1, 128",
    "::ffff:10.0.0.0/104, 8",
    "::ffff:10.0.0.0/95, -1",
    "10.0.0.0/33, -1",
    "10.0.0.0/08, -1",
    "10.0.0.0/, -1",
    "010.0.0.0/8, -1",
    "::/129, -1",
    "fe80::%eth0/64, -1",
    "10/8, -1",
  })
  void aNetworkHasOneGrammar(String text, int bits) {
    assertEquals(bits, AddressLiteral.prefixLength(text));
  }
}
