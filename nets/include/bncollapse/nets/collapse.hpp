#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bncollapse::nets {

/// A layer without its weights: a convolution of 3 x 3, or a linear layer. Each filter has inputs * kernel
/// weights.
struct LayerShape {
  std::string name;
  std::int64_t inputs = 0;     ///< channels
  std::int64_t outputs = 0;    ///< channels
  std::int64_t kernel = 0;     ///< weights per input channel: 9 for 3 x 3
  std::int64_t positions = 0;  ///< output positions per image
  int input_layer = -1;        ///< whose filters are the inputs; -1: image or residual, which stay whole
  bool normalised = false;     ///< has gamma and beta, so that its filters can collapse
  bool is_convolution = true;
  std::int64_t stride = 1;  ///< of a convolution
};

/// One normalised channel. Its rectifier f takes z = gamma x + beta + alpha; in a residual block the shortcut
/// is added to z. Probabilities and maxima are over positions and images, with running statistics and without
/// augmentation.
struct ChannelRecord {
  double gamma = 0;
  double beta = 0;
  double filter_norm = 0;             ///< Euclidean norm of the incoming filter
  double activation_probability = 0;  ///< share of positions with z > 0
  double gaussian_probability = 0;    ///< of gamma x + beta + alpha > 0, x ~ N(0, 1) (docs/THEORY.md 1)
  double maximum = 0;                 ///< largest magnitude of the activation, |f(z)|
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

/// When a filter counts as collapsed: a magnitude of it lies below a threshold.
struct CollapseCriterion {
  enum class Magnitude {
    gamma,       ///< |gamma|
    activation,  ///< ChannelRecord::maximum
  };
  Magnitude magnitude = Magnitude::gamma;
  double threshold = 1e-3;
};

/// The criteria of results. `inactive` filters let nothing pass on any image; with a ReLU that is a maximum
/// of 0, and the threshold leaves room for rounding.
namespace criterion {
inline constexpr CollapseCriterion small_gamma{CollapseCriterion::Magnitude::gamma, 1e-3};
inline constexpr CollapseCriterion small_gamma_1e2{CollapseCriterion::Magnitude::gamma, 1e-2};
inline constexpr CollapseCriterion inactive{CollapseCriterion::Magnitude::activation, 1e-12};
}  // namespace criterion

/// One mark per filter of every normalised layer, in the records' order: true is collapsed.
using FilterMarks = std::vector<std::vector<bool>>;
FilterMarks collapsed_filters(const std::vector<LayerRecord>& records, const CollapseCriterion& by);

/// What stands in for the output of a filter that is taken out.
enum class Removed {
  at_zero_gamma,  ///< f(beta + alpha), for a filter of small gamma
  inactive,       ///< 0, whatever a shortcut adds, for a filter that is inactive under f = max(z, 0)
};

/// Shares from 0 to 1 of what has collapsed. The papers call `flops_removed` the sparsity.
struct Collapse {
  std::vector<double> layer_shares;  ///< of each normalised layer's filters
  double share = 0;                  ///< of all normalised layers' filters
  double flops_removed = 0;          ///< of the multiplications, if the filters are taken out
};
Collapse collapse(const std::vector<LayerShape>& shapes, const FilterMarks& marks);

/// Multiplications for one image.
std::int64_t multiplications(const std::vector<LayerShape>& shapes);
/// The same without the marked filters and, where they feed another layer, without its weights for them; a
/// layer keeps at least one filter, as in Trainer::prune.
std::int64_t multiplications(const std::vector<LayerShape>& shapes, const FilterMarks& marks);

}  // namespace bncollapse::nets
