package markwatch.engine;

import java.io.Reader;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractCharFilterFactory;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingCharFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The three parts our analyzers need of the module analysis-common, which every distribution has
 * and the core node has not: the same Lucene classes under the same names.
 */
public class ChineseAnalysis extends Plugin implements AnalysisPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "cjk_width", (index, environment, name, settings) -> filter(name, CJKWidthFilter::new),
        "cjk_bigram", (index, environment, name, settings) -> filter(name, CJKBigramFilter::new));
  }

  @Override
  public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
    return Map.of(
        "mapping",
        AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new Mapping(name, settings)));
  }

  private static TokenFilterFactory filter(String name, Function<TokenStream, TokenStream> make) {
    return new AbstractTokenFilterFactory(name) {
      @Override
      public TokenStream create(TokenStream tokens) {
        return make.apply(tokens);
      }
    };
  }

  /** Rules are written {@code from => to}, without escapes. */
  private static final class Mapping extends AbstractCharFilterFactory
      implements NormalizingCharFilterFactory {
    private final NormalizeCharMap map;

    Mapping(String name, Settings settings) {
      super(name);
      NormalizeCharMap.Builder builder = new NormalizeCharMap.Builder();
      for (String rule : settings.getAsList("mappings", List.of())) {
        String[] sides = rule.split("\\s*=>\\s*", 2);
        builder.add(sides[0], sides[1]);
      }
      map = builder.build();
    }

    @Override
    public Reader create(Reader text) {
      return new MappingCharFilter(map, text);
    }
  }
}
