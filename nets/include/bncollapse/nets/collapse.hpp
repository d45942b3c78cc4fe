#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bncollapse::nets {

/// A layer as the counting of multiplications sees it. A filter of it has inputs * kernel weights.
struct LayerShape {
  std::string name;
  std::int64_t inputs = 0;     ///< channels
  std::int64_t outputs = 0;    ///< channels
  std::int64_t kernel = 0;     ///< weights per input channel: 9 for 3 x 3
  std::int64_t positions = 0;  ///< output positions per image
  int input_layer = -1;        ///< layer whose filters are the inputs; -1: image or residual stream
  bool normalised = false;     ///< has gamma and beta, so that its filters can collapse
};

/// One normalised channel. Its rectifier f sees z = gamma x + beta + alpha, in a residual block plus the
/// shortcut. Probabilities and maxima are over positions and images, with running statistics and without
/// augmentation.
struct ChannelRecord {
  double gamma = 0;
  double beta = 0;
  double filter_norm = 0;             ///< Euclidean norm of the incoming filter
  double activation_probability = 0;  ///< share of positions with z > 0
  double gaussian_probability = 0;  ///< of gamma x + beta + alpha > 0, x ~ N(0, 1) (docs/THEORY.md section 1)
  double maximum = 0;               ///< the activation's largest magnitude |f(z)|
};

struct LayerRecord {
  std::string layer;
  std::vector<ChannelRecord> channels;
};

/// Euclidean norms of a convolution's filters, normalised or not.
struct FilterNorms {
  std::string layer;
  std::vector<double> norms;
};

/// When a filter counts as collapsed.
struct CollapseCriterion {
  enum class Measure {
    scale,       ///< |gamma| < threshold
    activation,  ///< maximum < threshold: the gate is closed everywhere, and nothing passes it
  };
  Measure measure = Measure::scale;
  double threshold = 1e-3;
};

/// One mark a filter of every normalised layer, in the records' order: true is collapsed.
using FilterMarks = std::vector<std::vector<bool>>;
FilterMarks collapsed_filters(const std::vector<LayerRecord>& records, const CollapseCriterion& criterion);

/// What a filter gives that is taken out.
enum class Removed {
  at_zero_gamma,  ///< f(beta + alpha): one whose scale is small
  closed,         ///< 0, whatever a shortcut adds: one that is silent under f = max(z, 0)
};

/// Shares from 0 to 1.
struct Collapse {
  std::vector<double> layer_shares;  ///< of each normalised layer's filters
  double share = 0;                  ///< of all normalised layers' filters
  double flops_removed = 0;          ///< share of all multiplications that goes with the filters (sparsity)
};
Collapse collapse(const std::vector<LayerShape>& shapes, const FilterMarks& marks);

/// Multiplications for one image.
std::int64_t multiplications(const std::vector<LayerShape>& shapes);
/// The same without the marked filters and, where they feed another layer, without its weights for them; a
/// layer keeps at least one filter, as in Trainer::prune.
std::int64_t multiplications(const std::vector<LayerShape>& shapes, const FilterMarks& marks);

}  // namespace bncollapse::nets
