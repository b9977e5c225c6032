package org.openmmp.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;
import org.openmmp.config.AdminConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Unix domain socket of the admin pages. The kernel lets its owner, its group and root open it,
 * and nobody else, from the moment on at which it has its name. A front end without one serves
 * nevertheless, and says why it has none.
 */
final class AdminSocket {
  private static final Logger log = LoggerFactory.getLogger(AdminSocket.class);
  private static final String MODE = "rw-rw----";

  private final Path path;

  /** Which file of that name is ours. */
  private final @Nullable Object key;

  private final Channel listener;

  private AdminSocket(Path path, @Nullable Object key, Channel listener) {
    this.path = path;
    this.listener = listener;
    this.key = key;
  }

  /** Opens it, in place of one that nobody answers at any more; null if that cannot be. */
  static @Nullable AdminSocket open(
      Path path, EventLoopGroup loop, ChannelHandler troubles, ChannelHandler pipeline) {
    Path folder = path.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      if (!path.equals(AdminConfig.USUAL_SOCKET)) {
        log.warn("openmmp.admin.socket {}: there is no such folder, so there is no socket", path);
      }
      return null;
    }
    try {
      return bind(path, folder, loop, troubles, pipeline);
    } catch (IOException | UnsupportedOperationException e) {
      log.warn("openmmp.admin.socket {} cannot be opened: {}", path, String.valueOf(e));
      return null;
    }
  }

  /** Whether another front end has it. */
  static boolean isAnswered(Path path) {
    try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return Files.exists(path) && other.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException | UnsupportedOperationException nobodyThere) {
      return false;
    }
  }

  /** It gets its name once it has its mode, so that nobody comes in between. */
  private static AdminSocket bind(
      Path path, Path folder, EventLoopGroup loop, ChannelHandler troubles, ChannelHandler pipeline)
      throws IOException {
    Path apart =
        Files.createTempDirectory(
            folder,
            ".",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path made = apart.resolve("s");
    try {
      ChannelFuture bound =
          new ServerBootstrap()
              .group(loop)
              .channel(NioServerDomainSocketChannel.class)
              .handler(troubles)
              .childOption(ChannelOption.AUTO_READ, false)
              .childHandler(pipeline)
              .bind(UnixDomainSocketAddress.of(made))
              .awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw new IOException(bound.cause());
      }
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(MODE));
      Files.move(made, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new AdminSocket(path, keyOf(path), bound.channel());
    } finally {
      Files.deleteIfExists(made);
      Files.deleteIfExists(apart);
    }
  }

  /**
   * The account whose process is at the other end, by the kernel's word: a name, or a number if it
   * has none; empty for a connection that did not come through a socket of this kind.
   */
  static String accountAtTheOtherEndOf(Channel channel) {
    if (!(channel instanceof NioDomainSocketChannel)) {
      return "";
    }
    @Nullable UnixDomainPrincipal peer =
        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    return peer == null ? "" : peer.user().getName();
  }

  private static @Nullable Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /** Takes its name away, unless that is another front end's by now, and accepts no more. */
  void remove() {
    listener.close();
    try {
      if (Files.exists(path) && Objects.equals(key, keyOf(path))) {
        Files.delete(path);
      }
    } catch (IOException e) {
      log.debug("openmmp.admin.socket {} stays: {}", path, String.valueOf(e));
    }
  }
}
