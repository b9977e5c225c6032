package org.openmmp.guard;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openmmp.wire.Network;

/**
 * Networks and users that an administrator keeps out, for a time or until further notice. Bounded;
 * to ask costs nothing while nobody is blocked. Safe for any thread.
 */
public final class Blocks {
  /** Networks and users together. */
  static final int MOST = 10_000;

  /**
   * One of them.
   *
   * @param network null: a user is blocked
   * @param user the whole name in small letters; empty: a network is blocked
   * @param entry the distinguished name of the user's entry in small letters; empty if that is not
   *     known, and other names of the user are not blocked then
   * @param untilNanos when it ends by itself; empty: it does not
   */
  public record Block(
      @Nullable Network network, String user, String entry, OptionalLong untilNanos) {
    /** Everybody in that network. */
    public static Block of(Network network, OptionalLong untilNanos) {
      return new Block(network, "", "", untilNanos);
    }

    /** Everybody of that name, or of another name of that entry. */
    public static Block of(String user, String entry, OptionalLong untilNanos) {
      return new Block(
          null, user.toLowerCase(Locale.ROOT), entry.toLowerCase(Locale.ROOT), untilNanos);
    }

    /** Whether both are about the same network or user. */
    public boolean meansWhom(Block other) {
      return key().equals(other.key()) || (!entry.isEmpty() && entry.equals(other.entry));
    }

    private Object key() {
      return network == null ? user : network;
    }

    private boolean holds(long nowNanos) {
      return untilNanos.isEmpty() || untilNanos.getAsLong() - nowNanos > 0;
    }

    /** The network or the user. */
    @Override
    public String toString() {
      return key().toString();
    }
  }

  private final Map<Object, Block> blocks = new ConcurrentHashMap<>();

  /** The users among them by their entries. */
  private volatile Map<String, Block> entries = Map.of();

  /** How long the prefixes of blocked networks are; IPv4 and IPv6 together. */
  private volatile Set<Integer> lengths = Set.of();

  /** Adds one, or gives one another end; false if there are too many. */
  public synchronized boolean add(Block block, long nowNanos) {
    blocks.values().removeIf(each -> !each.holds(nowNanos));
    if (blocks.size() >= MOST && !blocks.containsKey(block.key())) {
      return false;
    }
    blocks.put(block.key(), block);
    count();
    return true;
  }

  /** Takes one away; false if there was none. */
  public synchronized boolean remove(Block block) {
    boolean was = blocks.values().removeIf(block::meansWhom);
    count();
    return was;
  }

  private void count() {
    entries =
        blocks.values().stream()
            .filter(each -> !each.entry().isEmpty())
            .collect(Collectors.toUnmodifiableMap(Block::entry, each -> each, Blocks::longer));
    lengths =
        blocks.values().stream()
            .filter(each -> each.network() != null)
            .map(each -> each.network().prefixLength())
            .collect(Collectors.toUnmodifiableSet());
  }

  private static Block longer(Block one, Block other) {
    return one.untilNanos().isEmpty()
            || (other.untilNanos().isPresent()
                && one.untilNanos().getAsLong() - other.untilNanos().getAsLong() > 0)
        ? one
        : other;
  }

  /** Whether the user of that entry is kept out. */
  public boolean blocksEntry(String entry, long nowNanos) {
    Map<String, Block> known = entries;
    if (known.isEmpty()) {
      return false;
    }
    Block block = known.get(entry.toLowerCase(Locale.ROOT));
    return block != null && block.holds(nowNanos);
  }

  /** Those that hold now, networks first. */
  public List<Block> all(long nowNanos) {
    return blocks.values().stream()
        .filter(each -> each.holds(nowNanos))
        .sorted(
            Comparator.comparing((Block each) -> each.network() == null)
                .thenComparing(Block::toString))
        .toList();
  }

  /** Whether clients of that address are kept out. */
  public boolean blocks(InetAddress client, long nowNanos) {
    Set<Integer> known = lengths;
    if (known.isEmpty()) {
      return false;
    }
    Network whole = Network.of(client);
    for (int length : known) {
      if (length <= whole.prefixLength()) {
        Block block = blocks.get(whole.shortenedTo(length));
        if (block != null && block.holds(nowNanos)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Whether that user is kept out.
   *
   * @param user the whole name, in the one spelling that all its spellings share
   */
  public boolean blocks(String user, long nowNanos) {
    if (blocks.isEmpty()) {
      return false;
    }
    Block block = blocks.get(user.toLowerCase(Locale.ROOT));
    return block != null && block.holds(nowNanos);
  }
}
