package org.openmmp.admin;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.CONFLICT;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One page of the admin listener. What is read is asked for with GET, what is done with POST; what
 * a page needs to know stands in the query.
 *
 * @param path its one spelling
 * @param summary what it tells or does, for the API's description
 * @param parameters those that it reads
 * @param body what its request's body is; empty: it reads none
 * @param answer makes its answer, on any thread, and may throw a {@link RefusedRequestException}
 */
public record AdminPage(
    String path,
    Access access,
    String summary,
    List<Parameter> parameters,
    String body,
    Function<Request, CompletableFuture<AdminReply>> answer) {

  /** One that reads no body. */
  public AdminPage(
      String path,
      Access access,
      String summary,
      List<Parameter> parameters,
      Function<Request, CompletableFuture<AdminReply>> answer) {
    this(path, access, summary, parameters, "", answer);
  }

  /** Who may ask for a page. */
  public enum Access {
    /** Load balancers, which have no token. */
    OPEN,
    /** Who may look. */
    LOOK,
    /** Who may act: the page changes something. */
    ACT
  }

  /**
   * A parameter in a page's query.
   *
   * @param needed whether there is no answer without it
   */
  public record Parameter(String name, boolean needed, String description) {
    /** Without it the page answers too. */
    public static Parameter optional(String name, String description) {
      return new Parameter(name, false, description);
    }

    /** Without it the page refuses to answer. */
    public static Parameter needed(String name, String description) {
      return new Parameter(name, true, description);
    }
  }

  /** Every page with an {@link Answer} comes in both forms. */
  static final Parameter FORMAT = Parameter.optional("format", "json (the default) or text");

  /**
   * What is asked of a page.
   *
   * @param query what stands behind the question mark, as sent; empty if there is nothing
   * @param body empty for GET and HEAD; overwritten once there is an answer
   * @param resume to be called, on any thread, when the body of an answer that gave no chunk has
   *     one now, as with events sent by the server
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, by one page
  public record Request(String query, byte[] body, Runnable resume) {}

  /**
   * What a page tells, for people and for programs.
   *
   * @param text lines without an end
   * @param tree for JSON, see {@link org.openmmp.text.Json}
   */
  public record Answer(Kind kind, String text, Map<String, ? extends @Nullable Object> tree) {
    /** Whether what was asked for was done. */
    public enum Kind {
      /** It was told or done. */
      DONE(OK),
      /** The query cannot be understood. */
      WRONG(BAD_REQUEST),
      /** Nothing of that name is there. */
      NOTHING(NOT_FOUND),
      /** It cannot be done as things are. */
      REFUSED(CONFLICT),
      /** What had to be asked for it did not answer. */
      LATE(SERVICE_UNAVAILABLE);

      private final int status;

      Kind(HttpResponseStatus status) {
        this.status = status.code();
      }
    }

    /** It was told or done. */
    public static Answer done(String text, Map<String, ? extends @Nullable Object> tree) {
      return new Answer(Kind.DONE, text, tree);
    }

    /** It was not, and why. */
    public static Answer not(Kind kind, String reason) {
      return new Answer(kind, reason, Map.of("error", reason));
    }
  }

  /**
   * A page's whole answer, in the form that its query asked for.
   *
   * @param status such as 200
   */
  public record Told(int status, String body) {}

  /** Asks the page from within the program, as with an empty body. */
  public CompletionStage<Told> tell(String query) {
    try {
      return answer.apply(new Request(query, new byte[0], () -> {})).thenApply(AdminPage::told);
    } catch (RefusedRequestException refused) {
      return CompletableFuture.completedStage(told(refused.refusal()));
    }
  }

  private static Told told(AdminReply reply) {
    return new Told(reply.status().code(), reply.whole());
  }

  /**
   * The same page with one more parameter.
   *
   * @param more is taken out of the query before the page reads that
   * @param instead is given the parameter's value, or an empty text, and the rest of the query;
   *     what it tells is the answer, and where it gives null the page's own is
   */
  public AdminPage with(
      Parameter more, BiFunction<String, String, @Nullable CompletionStage<Told>> instead) {
    List<Parameter> all = Stream.concat(parameters.stream(), Stream.of(more)).toList();
    return new AdminPage(
        path,
        access,
        summary,
        all,
        body,
        request -> {
          Query query =
              Query.parse(request.query(), all.stream().map(Parameter::name).toList(), List.of());
          boolean text = query.wantsText();
          String rest =
              Stream.of(request.query().split("&", -1))
                  .filter(each -> !each.startsWith(more.name() + "="))
                  .collect(Collectors.joining("&"));
          CompletionStage<Told> told = instead.apply(query.value(more.name(), ""), rest);
          return told == null
              ? answer.apply(new Request(rest, request.body(), request.resume()))
              : told.toCompletableFuture()
                  .thenApply(each -> AdminReply.whole(each.status(), text, each.body()));
        });
  }

  /** One that tells something. */
  public static AdminPage looking(
      String path, String summary, List<Parameter> parameters, Function<Query, Answer> answer) {
    return lookingLater(
        path, summary, parameters, query -> CompletableFuture.completedFuture(answer.apply(query)));
  }

  /** The same where the answer comes later. */
  public static AdminPage lookingLater(
      String path,
      String summary,
      List<Parameter> parameters,
      Function<Query, ? extends CompletionStage<Answer>> answer) {
    return told(path, Access.LOOK, summary, parameters, answer);
  }

  /** One that does something. */
  public static AdminPage acting(
      String path, String summary, List<Parameter> parameters, Function<Query, Answer> action) {
    return actingLater(
        path, summary, parameters, query -> CompletableFuture.completedFuture(action.apply(query)));
  }

  /** The same where it takes time. */
  public static AdminPage actingLater(
      String path,
      String summary,
      List<Parameter> parameters,
      Function<Query, ? extends CompletionStage<Answer>> action) {
    return told(path, Access.ACT, summary, parameters, action);
  }

  /**
   * The same with what must not stand in a query, which logs tell.
   *
   * @param body what the request's body is
   */
  public static AdminPage actingOnBody(
      String path,
      String summary,
      List<Parameter> parameters,
      String body,
      BiFunction<Query, byte[], ? extends CompletionStage<Answer>> action) {
    return told(path, Access.ACT, summary, parameters, body, action);
  }

  /**
   * One that begins something which tells lines until it ends, or answers at once as others do.
   *
   * @param action is given where its lines go; null for an answer: the lines follow
   */
  public static AdminPage following(
      String path,
      String summary,
      List<Parameter> parameters,
      BiFunction<Query, LineStream, ? extends CompletionStage<@Nullable Answer>> action) {
    return new AdminPage(
        path,
        Access.ACT,
        summary,
        withFormat(parameters),
        request -> {
          refuseBody(request);
          Query query = query(request, withFormat(parameters));
          boolean text = query.wantsText();
          LineStream lines = new LineStream(text, request.resume());
          return action
              .apply(query, lines)
              .toCompletableFuture()
              .thenApply(made -> made == null ? lines.reply() : reply(made, text));
        });
  }

  private static List<Parameter> withFormat(List<Parameter> parameters) {
    return Stream.concat(parameters.stream(), Stream.of(FORMAT)).toList();
  }

  private static Query query(Request request, List<Parameter> all) {
    return Query.parse(
        request.query(),
        all.stream().map(Parameter::name).toList(),
        all.stream().filter(Parameter::needed).map(Parameter::name).toList());
  }

  private static void refuseBody(Request request) {
    if (request.body().length > 0) {
      throw new RefusedRequestException(
          BAD_REQUEST, "parameters stand behind the question mark, and no body is read");
    }
  }

  private static AdminPage told(
      String path,
      Access access,
      String summary,
      List<Parameter> parameters,
      Function<Query, ? extends CompletionStage<Answer>> answer) {
    return told(path, access, summary, parameters, "", (query, body) -> answer.apply(query));
  }

  private static AdminPage told(
      String path,
      Access access,
      String summary,
      List<Parameter> parameters,
      String body,
      BiFunction<Query, byte[], ? extends CompletionStage<Answer>> answer) {
    List<Parameter> all = withFormat(parameters);
    return new AdminPage(
        path,
        access,
        summary,
        all,
        body,
        request -> {
          if (body.isEmpty()) {
            refuseBody(request);
          }
          Query query = query(request, all);
          boolean text = query.wantsText();
          return answer
              .apply(query, request.body())
              .toCompletableFuture()
              .thenApply(made -> reply(made, text));
        });
  }

  private static AdminReply reply(Answer answer, boolean text) {
    HttpResponseStatus status = HttpResponseStatus.valueOf(answer.kind().status);
    return text ? AdminReply.text(status, answer.text()) : AdminReply.json(status, answer.tree());
  }

  /** A short word or number for a machine, or what a program of another kind reads. */
  static AdminPage plain(
      String path, Access access, String summary, Function<Request, AdminReply> answer) {
    return new AdminPage(
        path,
        access,
        summary,
        List.of(),
        request -> CompletableFuture.completedFuture(answer.apply(request)));
  }

  /** What a caller must be allowed to hear its answer, be it that the method is not taken. */
  Access accessFor(HttpMethod method) {
    return access == Access.ACT && !method.equals(HttpMethod.POST) ? Access.LOOK : access;
  }

  Set<HttpMethod> methods() {
    return access == Access.ACT ? Set.of(HttpMethod.POST) : Set.of(HttpMethod.GET, HttpMethod.HEAD);
  }
}
