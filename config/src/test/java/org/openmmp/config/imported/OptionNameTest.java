package org.openmmp.config.imported;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of options are taken apart. */
class OptionNameTest {
  @ParameterizedTest
  @CsvSource({
    "proxy:cluster1.storehostlist, proxy, cluster1, storehostlist",
    "proxy:store1\\.example\\.com.storehostlist, proxy, store1.example.com, storehostlist",
    "proxy:store1.example.com.storehostlist, proxy, store1.example.com, storehostlist",
    "Proxy:Store1.StoreHostList, proxy, Store1, storehostlist",
    "instance.proxy:a.b, proxy, a, b",
    "role.base.proxyadmin, base, '', proxyadmin",
    "store.dbreplicate.enable, store.dbreplicate, '', enable",
    "channel:tcp_lmtpcs.affinitylist, channel, tcp_lmtpcs, affinitylist",
  })
  void aNameIsTakenApart(String text, String kind, String instance, String option) {
    assertEquals(Optional.of(new OptionName(kind, instance, option)), OptionName.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a", "a.", ".a", "proxy:a\\.b", "a\\."})
  void whatHasNoOptionIsNoName(String text) {
    assertEquals(Optional.empty(), OptionName.parse(text));
  }
}
