// The tables of networks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bncollapse/nets/collapse.hpp"
#include "bncollapse/nets/trainer.hpp"
#include "bncollapse/study/network_store.hpp"
#include "store/common_rows.hpp"

namespace bncollapse::study {

struct TrainingRow {
  std::int64_t point = 0;
  Json parameters;
  std::int64_t epoch_steps = 0, rounds = 0, epochs = 0, multiplications = 0, parameter_count = 0;
  bool finished = false;
};

template <>
struct Table<TrainingRow> {
  static constexpr auto name = "point", help = "The points of the sweep that have begun. Each is a training.";
  static constexpr std::array key{"point"};
  static constexpr std::tuple columns{
      column("point", &TrainingRow::point, "from 0, in the sweep's order"),
      column("parameters", &TrainingRow::parameters, "JSON: swept field -> value"),
      column("epoch_steps", &TrainingRow::epoch_steps, "optimizer steps per epoch"),
      column("rounds", &TrainingRow::rounds, "rounds of the training"),
      column("epochs", &TrainingRow::epochs, "epochs per round"),
      column("multiplications", &TrainingRow::multiplications, "of the whole network for one image"),
      column("parameter_count", &TrainingRow::parameter_count, "parameters of the network"),
      column("finished", &TrainingRow::finished, "1: trained to its end, else 0")};
};

struct EnvironmentRow {
  std::int64_t point = 0;
  std::string engine, device, dataset;
  std::optional<std::string> folder_fingerprint;
  std::string train_fingerprint, test_fingerprint;
};

template <>
struct Table<EnvironmentRow> {
  static constexpr auto name = "environment",
                        help =
                            "What a point was trained on. A fingerprint is FNV-1a of 64 bits over pixels "
                            "and labels.";
  static constexpr std::array key{"point"};
  static constexpr std::tuple columns{
      point_column<EnvironmentRow>(),
      column("engine", &EnvironmentRow::engine, "LibTorch, device and threads"),
      column("device", &EnvironmentRow::device, "cpu or cuda"),
      column("dataset", &EnvironmentRow::dataset, "name of the images"),
      column("folder_fingerprint", &EnvironmentRow::folder_fingerprint,
             "of all images of the folder, which are the same for every point; null for synthetic images"),
      column("train_fingerprint", &EnvironmentRow::train_fingerprint, "of the point's training images"),
      column("test_fingerprint", &EnvironmentRow::test_fingerprint, "of the point's test images")};
};

struct LayerRow : nets::LayerShape {
  std::int64_t point = 0, layer = 0;
};

template <>
struct Table<LayerRow> {
  static constexpr auto name = "layer", help = "The layers of a point's network.";
  static constexpr std::array key{"point", "layer"};
  static constexpr std::tuple columns{
      point_column<LayerRow>(),
      column("layer", &LayerRow::layer, "position in the network, from 0"),
      column("name", &nets::LayerShape::name, "name of the layer"),
      column("inputs", &nets::LayerShape::inputs, "input channels"),
      column("outputs", &nets::LayerShape::outputs, "output channels: its filters"),
      column("kernel", &nets::LayerShape::kernel, "weights per input channel"),
      column("positions", &nets::LayerShape::positions, "output positions per image"),
      column("normalised", &nets::LayerShape::normalised, "1: its channels have gamma and beta, else 0")};
};

struct EpochRow : nets::EpochResult {
  std::int64_t point = 0;
};

template <>
struct Table<EpochRow> {
  static constexpr auto name = "epoch", help = "The epochs of the trainings.";
  static constexpr std::array key{"point", "round", "epoch"};
  static constexpr std::tuple columns{
      point_column<EpochRow>(),
      column("round", &nets::EpochResult::round, "from 1"),
      column("epoch", &nets::EpochResult::epoch, "within the round, from 1"),
      column("step", &nets::EpochResult::step, "steps since the start, at the epoch's end"),
      column("loss", &nets::EpochResult::loss, "mean over the epoch's mini-batches"),
      column("accuracy", &nets::EpochResult::accuracy, "on the epoch's mini-batches, from 0 to 1"),
      column("learning_rate", &nets::EpochResult::learning_rate, "of the last step"),
      column("seconds", &nets::EpochResult::seconds, "time that the epoch took")};
};

struct RoundValueRow {
  std::int64_t point = 0, round = 0, step = 0;
  std::string quantity;
  double value = 0;
};

/// A quantity at a round's end, and how it is made.
struct RoundQuantity {
  Quantity quantity;
  bool needs_gamma;  ///< it is not defined for networks without normalisation
  double (*value)(const RoundRows& round);
  const nets::Collapse nets::RoundResult::*collapse = nullptr;  ///< has the same share of each layer
};

/// Share of the filters whose norm is below a hundredth of their layer's median norm.
double small_norm_share(const std::vector<nets::FilterNorms>& layers);

/// All of them, in the order of the documentation.
inline constexpr std::array round_quantities{
    RoundQuantity{{"test_accuracy", "Test accuracy", "accuracy on the test images, from 0 to 1"},
                  false,
                  [](const RoundRows& round) { return round.result.test_accuracy; }},
    RoundQuantity{{"test_loss", "Test loss", "loss on the test images"},
                  false,
                  [](const RoundRows& round) { return round.result.test_loss; }},
    RoundQuantity{
        {"train_accuracy", "Training accuracy", "accuracy on the mini-batches of the round's last epoch"},
        false,
        [](const RoundRows& round) { return round.train_accuracy; }},
    RoundQuantity{{"train_loss", "Training loss", "loss on the mini-batches of the round's last epoch"},
                  false,
                  [](const RoundRows& round) { return round.train_loss; }},
    RoundQuantity{{"ensemble_accuracy", "Ensemble accuracy",
                   "test accuracy of the mean prediction of the last three rounds' networks"},
                  false,
                  [](const RoundRows& round) { return round.ensemble_accuracy; }},
    RoundQuantity{
        {"small_gamma_share", "Filters with $|\\gamma|<10^{-3}$", "share of the filters with |γ| < 1e-3"},
        true,
        [](const RoundRows& round) { return round.result.small_gamma.share; },
        &nets::RoundResult::small_gamma},
    RoundQuantity{
        {"small_gamma_share_1e2", "Filters with $|\\gamma|<10^{-2}$", "share of the filters with |γ| < 1e-2"},
        true,
        [](const RoundRows& round) { return round.result.small_gamma_1e2.share; },
        &nets::RoundResult::small_gamma_1e2},
    RoundQuantity{{"inactive_share", "Inactive filters",
                   "share of the filters whose largest |activation| over the training set is below 1e-12"},
                  true,
                  [](const RoundRows& round) { return round.result.inactive.share; },
                  &nets::RoundResult::inactive},
    RoundQuantity{
        {"flops_removed", "Sparsity, $|\\gamma|<10^{-3}$",
         "share of the multiplications that go with the filters of |γ| < 1e-3: the papers' sparsity"},
        true,
        [](const RoundRows& round) { return round.result.small_gamma.flops_removed; }},
    RoundQuantity{{"flops_removed_1e2", "Sparsity, $|\\gamma|<10^{-2}$", "the same for |γ| < 1e-2"},
                  true,
                  [](const RoundRows& round) { return round.result.small_gamma_1e2.flops_removed; }},
    RoundQuantity{{"flops_removed_inactive", "Sparsity, inactive filters", "the same for inactive filters"},
                  true,
                  [](const RoundRows& round) { return round.result.inactive.flops_removed; }},
    RoundQuantity{{"small_norm_share", "Filters of small norm",
                   "share of the filters whose norm is below a hundredth of their layer's median norm"},
                  false,
                  [](const RoundRows& round) { return small_norm_share(round.norms); }}};

template <>
struct Table<RoundValueRow> {
  static constexpr auto name = "round_value", help = "Quantities at the end of a round.";
  static constexpr std::array key{"point", "round", "quantity"};
  static constexpr std::tuple columns{point_column<RoundValueRow>(),
                                      column("round", &RoundValueRow::round, "from 1"),
                                      column("step", &RoundValueRow::step, "steps since the start"),
                                      column("quantity", &RoundValueRow::quantity, "see below"),
                                      column("value", &RoundValueRow::value, "the value")};
  static constexpr auto quantities =
      std::apply([](const auto&... one) { return std::array{one.quantity...}; }, round_quantities);
};

struct LayerValueRow {
  std::int64_t point = 0, round = 0, layer = 0;
  std::string quantity;
  double value = 0;
};

template <>
struct Table<LayerValueRow> {
  static constexpr auto name = "layer_value",
                        help = "Shares of filters at the end of a round, by normalised layer.";
  static constexpr std::array key{"point", "round", "layer", "quantity"};
  static constexpr std::tuple columns{
      point_column<LayerValueRow>(), column("round", &LayerValueRow::round, "from 1"),
      column("layer", &LayerValueRow::layer, "position in the network"),
      column("quantity", &LayerValueRow::quantity,
             "small_gamma_share, small_gamma_share_1e2 or inactive_share, as in `round_value`"),
      column("value", &LayerValueRow::value, "the value")};
};

struct ChannelRow {
  std::int64_t point = 0, step = 0, round = 0, layer = 0, channel = 0;
  std::optional<double> gamma = {}, beta = {};
  double filter_norm = 0;
  std::optional<double> activation_probability = {}, gaussian_probability = {}, maximum = {};
};

template <>
struct Table<ChannelRow> {
  static constexpr auto name = "channel",
                        help =
                            "The state of channels. At the end of a round it is taken over the training "
                            "set, during a round over the first `record.images` images. Without "
                            "normalisation a channel has only its filter's norm.";
  static constexpr std::array key{"point", "step", "round", "layer", "channel"};
  static constexpr std::tuple columns{
      point_column<ChannelRow>(),
      column("step", &ChannelRow::step, "steps since the start"),
      column("round", &ChannelRow::round, "the round that ended; 0: recorded during a round"),
      column("layer", &ChannelRow::layer, "position in the network"),
      column("channel", &ChannelRow::channel, "position in the layer"),
      column("gamma", &ChannelRow::gamma, "scale γ"),
      column("beta", &ChannelRow::beta, "shift β"),
      column("filter_norm", &ChannelRow::filter_norm, "Euclidean norm of the incoming filter"),
      column("activation_probability", &ChannelRow::activation_probability,
             "share of the positions with z > 0, in a residual block after the shortcut"),
      column("gaussian_probability", &ChannelRow::gaussian_probability,
             "probability of γx + β + α > 0 for a Gaussian x"),
      column("maximum", &ChannelRow::maximum, "largest |activation|")};
};

struct GradientMomentRow : nets::GradientRecord {
  std::int64_t point = 0, round = 0, layer = 0, channel = 0;
};

template <>
struct Table<GradientMomentRow> {
  static constexpr auto name = "gradient_moment",
                        help = "Moments over mini-batches of the gradients of gamma and beta.";
  static constexpr std::array key{"point", "round", "layer", "channel"};
  static constexpr std::tuple columns{
      point_column<GradientMomentRow>(),
      column("round", &GradientMomentRow::round, "the round that ended"),
      column("layer", &GradientMomentRow::layer, "position in the network"),
      column("channel", &GradientMomentRow::channel, "position in the layer"),
      column("gamma_mean", &nets::GradientRecord::gamma_mean, "mean of gamma's gradient"),
      column("beta_mean", &nets::GradientRecord::beta_mean, "mean of beta's gradient"),
      column("gamma_variance", &nets::GradientRecord::gamma_variance, "variance of gamma's gradient"),
      column("beta_variance", &nets::GradientRecord::beta_variance, "variance of beta's gradient"),
      column("covariance", &nets::GradientRecord::covariance, "covariance of both")};
};

struct PrunedRow : nets::PruningResult {
  std::int64_t point = 0, round = 0;
  std::string criterion;
};

template <>
struct Table<PrunedRow> {
  static constexpr auto name = "pruned",
                        help = "Networks at the end of a round without some of their filters.";
  static constexpr std::array key{"point", "round", "criterion"};
  static constexpr std::tuple columns{
      point_column<PrunedRow>(),
      column("round", &PrunedRow::round, "the round that ended"),
      column(
          "criterion", &PrunedRow::criterion,
          "the filters that are removed: small_gamma (|γ| < 1e-3), small_gamma_1e2 (|γ| < 1e-2), inactive"),
      column("multiplications_before", &nets::PruningResult::multiplications_before, "for one image"),
      column("multiplications_after", &nets::PruningResult::multiplications_after, "for one image"),
      column("accuracy_before", &nets::PruningResult::accuracy_before, "on the test images"),
      column("accuracy_after", &nets::PruningResult::accuracy_after, "on the test images"),
      column("images_per_second_before", &nets::PruningResult::images_per_second_before, "in evaluation"),
      column("images_per_second_after", &nets::PruningResult::images_per_second_after, "in evaluation")};
};

struct ProbeRow : OneStep {
  std::int64_t point = 0, round = 0, layer = 0, channel = 0;
  double gamma = 0, beta = 0, alpha = 0, learning_rate = 0;
};

template <>
struct Table<ProbeRow> {
  static constexpr auto name = "probe",
                        help =
                            "What one step of SGD does to the activation probability of a channel, beside "
                            "theory.";
  static constexpr std::array key{"point", "round", "layer", "channel"};
  static constexpr std::tuple columns{
      point_column<ProbeRow>(),
      column("round", &ProbeRow::round, "the round that ended"),
      column("layer", &ProbeRow::layer, "position in the network"),
      column("channel", &ProbeRow::channel, "position in the layer"),
      column("gamma", &ProbeRow::gamma, "scale γ"),
      column("beta", &ProbeRow::beta, "shift β"),
      column("alpha", &ProbeRow::alpha, "post-shift α"),
      column("learning_rate", &ProbeRow::learning_rate, "learning rate η of the step"),
      column("batches", &OneStep::batches, "mini-batches"),
      column("noise", &OneStep::noise, "σ, from the variance of beta's gradient"),
      column("drift_theorem1", &OneStep::drift_theorem1, "drift ΔP by Theorem 1"),
      column("drift_signal", &OneStep::drift_signal, "first-order part of the drift, from the mean gradient"),
      column("drift_measured", &OneStep::drift_measured, "measured drift ΔP"),
      column("standard_error", &OneStep::standard_error, "of drift_measured - drift_signal")};
};

}  // namespace bncollapse::study
