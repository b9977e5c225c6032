package org.openmmp.transport;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;

/** Headers of the PROXY protocol as texts, a character for each octet. */
public final class ProxyHeaders {
  /** What version 2 begins with. */
  public static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

  private ProxyHeaders() {}

  /** Version 2 from its parts. */
  public static String v2(int versionAndCommand, int familyAndProtocol, String rest) {
    return SIGNATURE
        + (char) versionAndCommand
        + (char) familyAndProtocol
        + number(rest.length())
        + rest;
  }

  /** Version 2 for a client at port 40000 of an address, which connected to port 143 of another. */
  public static String v2(String client, String server, String additions) {
    boolean four = client.indexOf(':') < 0 && server.indexOf(':') < 0;
    String ends = octets(client, four) + octets(server, four) + number(40_000) + number(143);
    return v2(0x21, four ? 0x11 : 0x21, ends + additions);
  }

  /** One of the additions. */
  public static String addition(int type, String value) {
    return (char) type + number(value.length()) + value;
  }

  /** What a balancer adds of a client under TLS 1.3. */
  public static String tls(int client, int verify, String commonName) {
    return addition(
        0x20,
        (char) client
            + number(verify >>> 16)
            + number(verify)
            + addition(0x21, "TLSv1.3")
            + (commonName.isEmpty() ? "" : addition(0x22, commonName)));
  }

  private static String number(int value) {
    return "" + (char) (value >> 8 & 0xff) + (char) (value & 0xff);
  }

  /** The octets of an address literal; of an IPv4 address beside an IPv6 one the mapped form. */
  private static String octets(String address, boolean four) {
    try {
      byte[] octets = InetAddress.getByName(address).getAddress();
      String text = new String(octets, StandardCharsets.ISO_8859_1);
      return octets.length == 4 && !four ? "\0".repeat(10) + "\u00ff\u00ff" + text : text;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(address, e);
    }
  }
}
