package org.openmmp.shared;

import io.lettuce.core.protocol.CommandType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One kind of what front ends tell each other: a hash with a field for each start of one. Whose
 * beacon has a newer number there is read again. The number is sealed with it, so that nobody puts
 * a former one back: what is older than the beacon tells, or missing, is as if nothing were told.
 * Of one thread.
 */
final class Shelf<T> {
  private static final byte[] NOTHING = {};

  private final String name;
  private final int place;
  private final String key;
  private final String field;
  private final Seal seal;
  private final BiFunction<byte[], Beacon, Optional<T>> reader;
  private final Map<String, T> heard = new HashMap<>();
  private final Map<String, Long> numbers = new HashMap<>();
  private @Nullable Object told;
  private long number;
  private boolean written;

  /**
   * Nothing is told and nothing heard.
   *
   * @param place its place among the numbers of a {@link Beacon}
   * @param keys what all keys of the site begin with
   * @param field this front end's
   * @param reader understands what stands there
   */
  Shelf(
      String name,
      int place,
      String keys,
      String field,
      Seal seal,
      BiFunction<byte[], Beacon, Optional<T>> reader) {
    this.name = name;
    this.place = place;
    key = keys + name;
    this.field = field;
    this.seal = seal;
    this.reader = reader;
  }

  String name() {
    return name;
  }

  String key() {
    return key;
  }

  /** Of this front end's newest. */
  long number() {
    return number;
  }

  /** Whether the engine has to be told: that is not what was told last, or it may be lost. */
  boolean isNews(Object value) {
    return !written || !value.equals(told);
  }

  /** How it is told. */
  Engine.Ask tell(Object value, Supplier<byte[]> packed) {
    told = value;
    written = true;
    number++;
    byte[] octets = packed.get();
    byte[] numbered =
        ByteBuffer.allocate(Long.BYTES + octets.length).putLong(number).put(octets).array();
    return Engine.Ask.of(CommandType.HSET, key, field, seal.close(sealedAt(field), numbered));
  }

  private String sealedAt(String of) {
    return name + "/" + of;
  }

  /** What was told may be lost. */
  void mayBeLost() {
    written = false;
  }

  /** Whose has to be read again. */
  List<Beacon> newer(List<Beacon> living) {
    List<Beacon> newer = new ArrayList<>();
    for (Beacon each : living) {
      if (each.newest(place) - numbers.getOrDefault(each.field(), 0L) > 0) {
        newer.add(each);
      }
    }
    return newer;
  }

  /** How those are read: the answer has an element for each. */
  Engine.Ask ask(List<Beacon> of) {
    return Engine.Ask.of(CommandType.HMGET, key, of.stream().map(Beacon::field).toArray());
  }

  /** Takes what stands there; says whether nobody of the site wrote it. */
  boolean isForged(Beacon of, byte[] sealed) {
    heard.remove(of.field());
    numbers.remove(of.field());
    if (sealed.length == 0) {
      return false;
    }
    byte[] opened = seal.open(sealedAt(of.field()), sealed).orElse(NOTHING);
    if (opened.length < Long.BYTES) {
      return true;
    }
    long written = ByteBuffer.wrap(opened).getLong();
    if (written - of.newest(place) < 0) {
      return false;
    }
    Optional<T> read = reader.apply(Arrays.copyOfRange(opened, Long.BYTES, opened.length), of);
    if (read.isPresent()) {
      heard.put(of.field(), read.get());
      numbers.put(of.field(), written);
    }
    return read.isEmpty();
  }

  /** What those have told of whom something was heard. */
  List<T> all() {
    return List.copyOf(heard.values());
  }

  /** What that one told last. */
  Optional<T> of(Beacon one) {
    return Optional.ofNullable(heard.get(one.field()));
  }

  /** Keeps what those told, and no more; says whether anything went. */
  boolean keep(Iterable<Beacon> of) {
    Set<String> fields = new HashSet<>();
    of.forEach(each -> fields.add(each.field()));
    numbers.keySet().retainAll(fields);
    return heard.keySet().retainAll(fields);
  }

  /** Forgets what was heard. */
  void clear() {
    heard.clear();
    numbers.clear();
  }
}
