package org.openmmp.program;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openmmp.config.ConfigReader;
import org.openmmp.config.OpenMmpConfig;
import org.openmmp.it.fixture.Await;
import org.openmmp.storesim.EmbeddedDirectory;

/** Once a configuration was exchanged, nothing holds a piece of the former one (rule B7.3). */
final class KeptSettingsTest {
  @TempDir private Path folder;

  private OpenMmpConfig read(EmbeddedDirectory directory, int number) throws Exception {
    return ConfigReader.load(
        Files.writeString(
            folder.resolve("openmmp.conf"),
            """
            openmmp {
              hostname = "mmp%1$d.example.com"
              directory {
                urls = "%2$s", base-dn = "%3$s", bind-dn = "%4$s", bind-password = "%5$s"
                search-timeout = %1$ds
              }
              proxy.cluster1 { storehostlist = "127.0.0.%1$d" }
              proxy-defaults { imapport = 100%1$d, tls = off }
              resolver.max-ttl = %1$dm
              imap {
                listen = "127.0.0.1:0", clear-text-passwords = always
                alert-text = "text %1$d", capabilities = [X%1$d]
              }
              pop3 {
                listen = "127.0.0.1:0", clear-text-passwords = always
                bad-commands = %1$d, capabilities = [X%1$d]
              }
              lmtp { listen = "127.0.0.1:0", bad-commands = %1$d }
              limits { max-connections = 200%1$d, exempt-networks = "127.0.0.%1$d" }
              log.health-check-networks = "127.0.0.%1$d"
              admin { listen = "127.0.0.1:0", socket = null, host-names = [x%1$d] }
              state-file = null
            }
            """
                .formatted(
                    number,
                    directory.url(),
                    EmbeddedDirectory.BASE_DN,
                    EmbeddedDirectory.BIND_DN,
                    EmbeddedDirectory.BIND_PASSWORD)));
  }

  @Test
  void nothingOfTheFormerConfigurationIsHeld() throws Exception {
    try (EmbeddedDirectory directory = EmbeddedDirectory.start();
        Program program =
            Program.startAll(read(directory, 3), FrontEnds.named(Set.of("proxy", "relay")))) {
      OpenMmpConfig next = read(directory, 4);
      Map<String, WeakReference<Object>> former = pieces(program.config(), next);
      assertTrue(former.size() > 15, () -> former.keySet().toString());
      program.become(next, false);
      Await.until(
          () -> "held: " + held(former),
          Duration.ofSeconds(30),
          () -> {
            System.gc();
            return held(former).isEmpty();
          });
    }
  }

  private static List<String> held(Map<String, WeakReference<Object>> former) {
    return former.entrySet().stream()
        .filter(each -> each.getValue().get() != null)
        .map(Map.Entry::getKey)
        .collect(Collectors.toList());
  }

  /** The records of a configuration that are others in the next one. */
  private static Map<String, WeakReference<Object>> pieces(OpenMmpConfig of, OpenMmpConfig next) {
    Map<String, Object> others = new TreeMap<>();
    collect("", next, others);
    Map<String, Object> all = new TreeMap<>();
    collect("", of, all);
    Map<String, WeakReference<Object>> pieces = new TreeMap<>();
    all.forEach(
        (path, piece) -> {
          if (!piece.equals(others.get(path))) {
            pieces.put(path, new WeakReference<>(piece));
          }
        });
    return pieces;
  }

  private static void collect(String path, Object value, Map<String, Object> all) {
    if (value instanceof Optional<?> optional) {
      optional.ifPresent(inner -> collect(path, inner, all));
    } else if (value instanceof Collection<?> several) {
      int number = 0;
      for (Object each : several) {
        collect(path + "[" + number++ + "]", each, all);
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((key, each) -> collect(path + "." + key, each, all));
    } else if (value instanceof Record record) {
      all.put(path, record);
      for (RecordComponent part : record.getClass().getRecordComponents()) {
        try {
          part.getAccessor().setAccessible(true);
          collect(path + "." + part.getName(), part.getAccessor().invoke(record), all);
        } catch (ReflectiveOperationException e) {
          throw new LinkageError(path, e);
        }
      }
    }
  }
}
