package org.openmmp.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openmmp.text.AddressLiteral;

@DisplayName("B2.32: the order in which the addresses of a host are tried")
class SlowAddressesTest {
  private static final long NOW = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos();
  private static final int PORT = 143;

  private final SlowAddresses slow = new SlowAddresses();

  @ParameterizedTest
  @CsvSource({
    "1.0.0.1, 1.0.0.1",
    "1.0.0.1 1.0.0.2, 1.0.0.1 1.0.0.2",
    "::1 ::2 1.0.0.1 1.0.0.2, ::1 1.0.0.1 ::2 1.0.0.2",
    "1.0.0.1 1.0.0.2 1.0.0.3 ::1, 1.0.0.1 ::1 1.0.0.2 1.0.0.3",
    "::1 1.0.0.1 1.0.0.2, ::1 1.0.0.1 1.0.0.2",
  })
  void familiesTakeTurns(String found, String expected) {
    assertEquals(expected, order(found, NOW));
  }

  @Test
  void deadOnesAreLastForAMinute() {
    String all = "1.0.0.1 1.0.0.2 ::1 ::2";
    slow.remembered(List.of(at("1.0.0.1"), at("::1")), NOW);
    assertEquals("1.0.0.2 ::2 1.0.0.1 ::1", order(all, NOW + Duration.ofSeconds(59).toNanos()));
    assertEquals("1.0.0.1 ::1 1.0.0.2 ::2", order(all, NOW + Duration.ofSeconds(61).toNanos()));
  }

  @Test
  void oneThatAnswersIsLastNoMore() {
    slow.remembered(List.of(at("1.0.0.1")), NOW);
    slow.forget(at("1.0.0.1"));
    assertEquals("1.0.0.1 1.0.0.2", order("1.0.0.1 1.0.0.2", NOW));
  }

  @Test
  void otherPortOfADeadOneIsNotDead() {
    slow.remembered(List.of(at("1.0.0.1")), NOW);
    List<InetAddress> found = parsed("1.0.0.1 1.0.0.2");
    assertEquals(found, slow.last(found, PORT + 1, NOW));
  }

  private String order(String addresses, long nowNanos) {
    return slow.last(parsed(addresses), PORT, nowNanos).stream()
        .map(AddressLiteral::textOf)
        .collect(Collectors.joining(" "));
  }

  private static List<InetAddress> parsed(String addresses) {
    return Stream.of(addresses.split(" "))
        .map(AddressLiteral::parse)
        .map(Objects::requireNonNull)
        .toList();
  }

  private static InetSocketAddress at(String address) {
    return new InetSocketAddress(Objects.requireNonNull(AddressLiteral.parse(address)), PORT);
  }
}
