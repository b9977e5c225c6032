package org.openmmp.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.stream.ChunkedInput;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.UnorderedThreadPoolEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.text.Json;
import org.openmmp.text.SafeText;
import org.openmmp.transport.EventLoops;

/**
 * What the dashboard shows, as events sent by the server: everything once, then what changed.
 *
 * <p>It is made once a period however many look, and not at all while nobody does. No reader has a
 * queue: each is given what changed since it last took something, so that a slow one gets the
 * newest state and misses what lay between. What happened is told by {@link News}, and a reader who
 * comes back finds there what it missed. On any thread.
 */
final class LiveFeed {
  static final int MOST_READERS = 32;

  private static final String API = "/api/v1/";
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** By how much clock and {@link System#nanoTime} may part until points in time are told anew. */
  private static final long MOST_CLOCK_DRIFT_MILLIS = 2_000;

  private final AdminSources sources;
  private final List<String> pages;
  private final Duration period;
  private final UnorderedThreadPoolEventExecutor maker =
      new UnorderedThreadPoolEventExecutor(1, new DefaultThreadFactory("admin-live", true));

  private final Set<Reader> readers = new LinkedHashSet<>();
  private @Nullable Future<?> making;
  private long clockOffsetMillis;

  /** Events by their names, and groups by theirs, each with the revision that it changed in. */
  private final Map<String, Told> told = new LinkedHashMap<>();

  private final Map<String, Told> groups = new TreeMap<>();

  /** Since when each directory server is as it is; of the maker. */
  private final Map<String, Long> directorySince = new HashMap<>();

  private long revision;

  /** A group has gone since, so that who looked before it is told all groups again. */
  private long allGroupsSince;

  private record Told(String json, long revision) {}

  /**
   * A feed that nobody reads yet.
   *
   * @param paths those of the API's pages, which tell the dashboard what it may offer
   */
  LiveFeed(AdminSources sources, Collection<String> paths) {
    this(sources, paths, PERIOD);
  }

  LiveFeed(AdminSources sources, Collection<String> paths, Duration period) {
    this.sources = sources;
    pages =
        paths.stream()
            .filter(path -> path.startsWith(API))
            .map(path -> path.substring(API.length()))
            .sorted()
            .toList();
    this.period = period;
    maker.setKeepAliveTime(10, TimeUnit.SECONDS);
    maker.allowCoreThreadTimeOut(true);
  }

  /** A stream of events, for as long as its reader wants it. */
  AdminReply answer(AdminPage.Request request) {
    synchronized (this) {
      if (readers.size() >= MOST_READERS) {
        throw new RefusedRequestException(
            HttpResponseStatus.SERVICE_UNAVAILABLE,
            MOST_READERS + " others look already: close a dashboard that nobody needs");
      }
    }
    return new AdminReply(
        HttpResponseStatus.OK,
        "text/event-stream; charset=utf-8",
        -1,
        new Reader(request.resume()),
        Map.of("X-Accel-Buffering", "no"));
  }

  private synchronized boolean join(Reader reader) {
    if (readers.size() >= MOST_READERS) {
      return false;
    }
    readers.add(reader);
    if (making == null) {
      making = EventLoops.regularly(maker, Duration.ZERO, period, this::make);
    }
    return true;
  }

  private synchronized void leave(Reader reader) {
    readers.remove(reader);
    if (readers.isEmpty() && making != null) {
      making.cancel(false);
      making = null;
      told.clear();
      groups.clear();
    }
  }

  /** How many look. */
  synchronized int readers() {
    return readers.size();
  }

  private void make() {
    try {
      makeNews();
    } finally {
      List<Reader> looking;
      synchronized (this) {
        looking = List.copyOf(readers);
      }
      looking.forEach(reader -> reader.resume.run());
    }
  }

  private void makeNews() {
    long now = System.nanoTime();
    long offset = clockOffset(now);
    List<GroupSnapshot> snapshots = sources.groups(now);
    Map<String, String> newGroups =
        LiveGroups.of(
            snapshots,
            sources.recovery(),
            sources::differences,
            now,
            nanos -> offset + nanos / NANOS_PER_MILLI);
    Map<String, String> news = new LinkedHashMap<>();
    Map<String, Object> hello = new LinkedHashMap<>(sources.about());
    hello.put("pages", pages);
    news.put("hello", Json.write(hello));
    news.put("directory", Json.write(directory(offset + now / NANOS_PER_MILLI)));
    news.put("certificates", Json.write(certificates()));
    news.put("counts", Json.write(counts(snapshots)));
    settle(news, newGroups);
  }

  /** Milliseconds since 1970 less those of {@link System#nanoTime}, the same from call to call. */
  private synchronized long clockOffset(long nowNanos) {
    long current = System.currentTimeMillis() - nowNanos / NANOS_PER_MILLI;
    if (groups.isEmpty() || Math.abs(current - clockOffsetMillis) > MOST_CLOCK_DRIFT_MILLIS) {
      clockOffsetMillis = current;
    }
    return clockOffsetMillis;
  }

  private synchronized void settle(Map<String, String> news, Map<String, String> newGroups) {
    if (making == null) {
      return;
    }
    revision++;
    news.forEach((name, json) -> settle(told, name, json));
    if (groups.keySet().retainAll(newGroups.keySet())) {
      allGroupsSince = revision;
    }
    newGroups.forEach((name, json) -> settle(groups, name, json));
  }

  private void settle(Map<String, Told> before, String name, String json) {
    Told known = before.get(name);
    if (known == null || !known.json.equals(json)) {
      before.put(name, new Told(json, revision));
    }
  }

  private List<Object> directory(long nowMillis) {
    List<Object> servers = new ArrayList<>();
    for (DirectoryServerState each : sources.directory()) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("server", SafeText.of(each.server()));
      tree.put("state", Explanation.word(each.state()));
      tree.put("since", sinceOf(each, nowMillis));
      tree.put("lastTrouble", SafeText.of(each.why()));
      servers.add(tree);
    }
    return servers;
  }

  /** The state comes with its age by a clock of the directory's own, which moves by a little. */
  private long sinceOf(DirectoryServerState server, long nowMillis) {
    long since = nowMillis - server.forMillis();
    long known = directorySince.getOrDefault(server.server(), 0L);
    if (Math.abs(since - known) < period.toMillis()) {
      return known;
    }
    directorySince.put(server.server(), since);
    return since;
  }

  private List<Object> certificates() {
    List<Object> certificates = new ArrayList<>();
    sources
        .certificates()
        .forEach(
            (name, end) ->
                certificates.add(Map.of("name", SafeText.of(name), "until", end.toEpochMilli())));
    return certificates;
  }

  private Map<String, Object> counts(List<GroupSnapshot> snapshots) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("at", System.currentTimeMillis());
    tree.put("waiting", snapshots.stream().mapToInt(LiveFeed::waiting).sum());
    tree.putAll(sources.counts());
    return tree;
  }

  private static int waiting(GroupSnapshot group) {
    return group.waiting() + group.hosts().stream().mapToInt(host -> host.waiting()).sum();
  }

  /** What a reader has not been given yet; empty if there is nothing. */
  private synchronized String next(Reader reader) {
    if (told.isEmpty() || reader.given == revision) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    told.forEach(
        (name, each) -> {
          if (each.revision > reader.given) {
            // Ages are told by the front end's clock and not by the reader's.
            append(
                out,
                name,
                name.equals("hello")
                    ? "{\"now\":" + System.currentTimeMillis() + "," + each.json.substring(1)
                    : each.json);
          }
          if (name.equals("hello")) {
            appendGroups(out, reader.given);
          }
        });
    for (News.Item item : sources.news().since(reader.newest)) {
      out.append("id:").append(item.id()).append('\n');
      append(out, "happened", item.json());
      reader.newest = item.id();
    }
    reader.given = revision;
    return out.toString();
  }

  private void appendGroups(StringBuilder out, long given) {
    boolean full = given < allGroupsSince || given == 0;
    List<String> changed =
        groups.values().stream()
            .filter(each -> full || each.revision > given)
            .map(Told::json)
            .toList();
    if (full || !changed.isEmpty()) {
      append(
          out, "groups", "{\"full\":" + full + ",\"groups\":[" + String.join(",", changed) + "]}");
    }
  }

  private static void append(StringBuilder out, String name, String json) {
    out.append("event:").append(name).append("\ndata:").append(json).append("\n\n");
  }

  /** One who looks; it joins when its answer begins to be sent, and leaves when that ends. */
  private final class Reader implements ChunkedInput<ByteBuf> {
    private final Runnable resume;
    private boolean joined;
    private boolean ended;
    private long given;
    private long newest;
    private long octets;

    Reader(Runnable resume) {
      this.resume = resume;
    }

    @Override
    public boolean isEndOfInput() {
      return ended;
    }

    @Override
    public void close() {
      ended = true;
      leave(this);
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // it is Netty's, and so is who calls it
    public @Nullable ByteBuf readChunk(ChannelHandlerContext ctx) {
      return readChunk(ctx.alloc());
    }

    @Override
    public @Nullable ByteBuf readChunk(ByteBufAllocator allocator) {
      if (!joined) {
        joined = true;
        ended = !join(this);
      }
      String text = ended ? "" : next(this);
      if (text.isEmpty()) {
        return null;
      }
      byte[] chunk = text.getBytes(UTF_8);
      octets += chunk.length;
      return allocator.buffer(chunk.length).writeBytes(chunk);
    }

    @Override
    public long length() {
      return -1;
    }

    @Override
    public long progress() {
      return octets;
    }
  }
}
