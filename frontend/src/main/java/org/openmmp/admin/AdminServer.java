package org.openmmp.admin;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openmmp.config.AdminConfig;
import org.openmmp.config.ListenAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small HTTP/1.1 server for the admin pages: one request a connection, GET and HEAD only.
 *
 * <p>The JDK's own server reads a request on the thread that answers it, for as long as a slow
 * caller likes: its limits are system properties of the whole process, and off unless set. Here
 * everything is bounded: the request's octets, the threads, the connections that wait for one, and
 * a connection's life, after which it is closed whatever it does. When all threads are busy, the
 * caller that has owed its request for longest is closed: callers that say nothing keep nobody from
 * an answer.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  static final int THREADS = 32;
  static final int WAITING = 32;
  private static final Duration LONGEST_CONNECTION = Duration.ofSeconds(10);

  /** Below the life of a connection, so that there is time left for the answer. */
  private static final Duration LONGEST_EXPLANATION = Duration.ofSeconds(5);

  private static final int LINGER_MILLIS = 500;
  private static final int LINGER_OCTETS = 64 * 1024;

  private final ListenAddress address;
  private final Binding binding;
  private final ServerSocket listener;
  private final AdminGate gate;
  private final AdminPages pages;
  private final Duration longestConnection;
  private final ThreadPoolExecutor answering;
  private final ScheduledThreadPoolExecutor timer;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** Callers that have not sent their whole request, in the order in which they came. */
  private final Set<Socket> owing = Collections.synchronizedSet(new LinkedHashSet<>());

  private final CountDownLatch closed = new CountDownLatch(1);

  /** Binds a socket; the kernel does, and a test may. */
  interface Binding {
    /** Binds as {@link ServerSocket#bind}. */
    void bind(ServerSocket socket, InetSocketAddress address) throws IOException;
  }

  /**
   * Binds and begins to answer.
   *
   * @param hostname this front end's own name, by which it may be asked
   * @param beforeUp whether an address that is not up yet is waited for, in the background
   * @throws IOException if the address cannot be bound
   */
  public AdminServer(AdminConfig config, String hostname, AdminSources sources, boolean beforeUp)
      throws IOException {
    this(config, hostname, sources, LONGEST_CONNECTION, beforeUp, ServerSocket::bind);
  }

  AdminServer(
      AdminConfig config,
      String hostname,
      AdminSources sources,
      Duration longestConnection,
      boolean beforeUp,
      Binding binding)
      throws IOException {
    this.binding = binding;
    this.longestConnection = longestConnection;
    gate = new AdminGate(config, hostname);
    pages = new AdminPages(sources, LONGEST_EXPLANATION);
    address = config.listen().orElseThrow();
    listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      if (!bind() && !beforeUp) {
        throw new BindException("Cannot assign requested address");
      }
    } catch (IOException e) {
      listener.close();
      throw new IOException("openmmp.admin.listen " + address + ": " + e.getMessage(), e);
    }
    ThreadFactory threads = threads();
    answering =
        new ThreadPoolExecutor(
            THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), threads);
    answering.allowCoreThreadTimeOut(true);
    timer = new ScheduledThreadPoolExecutor(1, threads);
    timer.setRemoveOnCancelPolicy(true);
    threads.newThread(this::accept).start();
  }

  /** The port that is listened on. */
  public int port() {
    return listener.isBound() ? listener.getLocalPort() : address.port();
  }

  /** Whether the address is bound; not if it is not up. */
  private boolean bind() throws IOException {
    try {
      binding.bind(listener, new InetSocketAddress(address.host(), address.port()));
      return true;
    } catch (BindException e) {
      if (String.valueOf(e.getMessage()).contains("Cannot assign requested address")) {
        return false;
      }
      throw e;
    }
  }

  /** The JDK cannot bind an address before it is up, so it is tried until it is. */
  private void awaitAddress() {
    if (listener.isBound()) {
      return;
    }
    log.warn("openmmp.admin.listen {} is not up yet: the admin pages wait for it", address);
    String told = "";
    while (closed.getCount() > 0) {
      try {
        if (bind()) {
          log.info("openmmp.admin.listen {} is up: the admin pages are there", address);
          return;
        }
      } catch (IOException e) {
        if (closed.getCount() > 0 && !told.equals(e.toString())) {
          told = e.toString();
          log.warn("openmmp.admin.listen {} cannot be bound: {}", address, e.getMessage());
        }
      }
      pauseAfterFailure();
    }
  }

  /** Stops listening and ends every connection; may be called again. */
  @Override
  public void close() {
    closed.countDown();
    closeQuietly(listener);
    timer.shutdownNow();
    answering.shutdownNow();
    open.forEach(AdminServer::closeQuietly);
  }

  private void accept() {
    awaitAddress();
    while (closed.getCount() > 0) {
      try {
        admit(listener.accept());
      } catch (IOException e) {
        if (closed.getCount() > 0) {
          log.warn("admin cannot accept a connection: {}", e.getMessage());
          pauseAfterFailure();
        }
      }
    }
  }

  /** Descriptors may be used up: trying again at once would only spin. */
  private void pauseAfterFailure() {
    try {
      closed.await(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      close();
    }
  }

  private void admit(Socket socket) {
    open.add(socket);
    owing.add(socket);
    try {
      Future<?> end =
          timer.schedule(
              () -> closeQuietly(socket), longestConnection.toNanos(), TimeUnit.NANOSECONDS);
      answering.execute(
          () -> {
            try (socket) {
              converse(socket);
            } catch (IOException e) {
              log.debug("an admin connection ended early: {}", e.getMessage());
            } finally {
              end.cancel(false);
              open.remove(socket);
              owing.remove(socket);
            }
          });
    } catch (RejectedExecutionException e) {
      closeQuietly(socket);
      open.remove(socket);
      owing.remove(socket);
    }
    if (!answering.getQueue().isEmpty()) {
      closeSlowest(socket);
    }
  }

  /** Makes room for the newest. */
  private void closeSlowest(Socket newest) {
    Socket slowest;
    synchronized (owing) {
      slowest = owing.stream().findFirst().orElse(newest);
      owing.remove(slowest);
    }
    if (slowest != newest) {
      closeQuietly(slowest);
    }
  }

  private void converse(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    InputStream in = new BufferedInputStream(socket.getInputStream(), 1024);
    boolean withBody = true;
    Response response;
    try {
      RequestHead head = RequestHeadParser.read(in);
      owing.remove(socket);
      withBody = !head.method().equals("HEAD");
      response = answer(head, socket.getInetAddress());
    } catch (RefusedRequestException e) {
      response = e.refusal();
    }
    socket.getOutputStream().write(response.octets(withBody));
    socket.shutdownOutput();
    linger(socket, in);
  }

  private Response answer(RequestHead head, InetAddress peer) throws RefusedRequestException {
    gate.check(head, peer, AdminPages.isOpen(head.path()));
    try {
      return pages.answer(head);
    } catch (RuntimeException e) {
      log.error("an admin page failed", e);
      return Response.text(Response.Status.INTERNAL_ERROR, "the page failed; the log says why");
    }
  }

  /** What is not read when a socket closes resets it, and may cost the peer its answer. */
  private static void linger(Socket socket, InputStream in) throws IOException {
    socket.setSoTimeout(LINGER_MILLIS);
    byte[] rest = new byte[1024];
    int left = LINGER_OCTETS;
    int read = 0;
    while (left > 0 && read >= 0) {
      read = in.read(rest);
      left -= read;
    }
  }

  private static ThreadFactory threads() {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "admin-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  private static void closeQuietly(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("a socket did not close: {}", e.getMessage());
    }
  }
}
