package markwatch.engine;

import java.nio.file.Path;
import java.util.List;
import org.elasticsearch.Build;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.BareNode;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.transport.netty4.Netty4Plugin;

/**
 * One node on loopback: {@code Engine FOLDER PORT}. Prints {@code VERSION PORT} when it answers,
 * and ends when its input does, so that it never outlives who started it.
 */
public final class Engine {
  private static final List<Class<? extends Plugin>> PLUGINS =
      List.of(Netty4Plugin.class, Greeting.class, ChineseAnalysis.class);

  public static void main(String[] arguments) throws Exception {
    LogConfigurator.configureESLogging();
    Settings settings = Settings.builder()
        .put("cluster.name", "markwatch-tests")
        .put("node.name", "only")
        .put("path.home", Path.of(arguments[0]).toAbsolutePath())
        .put("path.repo", Path.of(arguments[0], "snapshots").toAbsolutePath())
        .put("discovery.type", "single-node")
        .put("network.host", "127.0.0.1")
        .put("http.port", arguments[1])
        .put("transport.port", "0")
        .put("transport.type", "netty4")
        .put("http.type", "netty4")
        .put("node.processors", 2)
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .put("indices.breaker.total.use_real_memory", false)
        .build();
    try (BareNode node = new BareNode(settings, PLUGINS)) {
      node.start();
      int port = node.injector().getInstance(HttpServerTransport.class)
          .boundAddress().publishAddress().getPort();
      System.out.println(Build.current().version() + " " + port);
      while (System.in.read() >= 0) {
        // Nothing is asked of us this way; only the end counts.
      }
    }
  }

  private Engine() {}
}
