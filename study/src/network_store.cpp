#include "bncollapse/study/network_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bncollapse/nets/fields.hpp"
#include "network_store_schema.hpp"
#include "store_file.hpp"

namespace bncollapse::study {
namespace {

namespace quantity = network_quantity;

/// A filter's norm is small below this part of its layer's median.
constexpr double small_norm = 1e-2;

std::int64_t parameter_count(const std::vector<nets::LayerShape>& shapes) {
  std::int64_t count = 0;
  for (const nets::LayerShape& shape : shapes) {
    count += shape.inputs * shape.outputs * shape.kernel + (shape.normalised ? 2 : 1) * shape.outputs;
  }
  return count;
}

double small_norm_share(const std::vector<nets::FilterNorms>& layers) {
  std::int64_t small = 0, all = 0;
  for (const nets::FilterNorms& layer : layers) {
    std::vector<double> sorted = layer.norms;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    small += std::count_if(layer.norms.begin(), layer.norms.end(),
                           [&](double norm) { return norm < small_norm * *middle; });
    all += static_cast<std::int64_t>(layer.norms.size());
  }
  return static_cast<double>(small) / static_cast<double>(all);
}

std::map<std::string, double> values_of(const RoundRows& round) {
  const nets::RoundResult& result = round.result;
  std::map<std::string, double> values{{quantity::test_accuracy, result.test_accuracy},
                                       {quantity::test_loss, result.test_loss},
                                       {quantity::train_accuracy, round.train_accuracy},
                                       {quantity::train_loss, round.train_loss},
                                       {quantity::ensemble_accuracy, round.ensemble_accuracy},
                                       {quantity::small_norm_share, small_norm_share(round.norms)}};
  if (!result.records.empty()) {
    values.insert({{quantity::small_gamma_share, result.small_gamma.share},
                   {quantity::small_gamma_share_1e2, result.small_gamma_1e2.share},
                   {quantity::silent_share, result.inactive.share},
                   {quantity::flops_removed, result.small_gamma.flops_removed},
                   {quantity::flops_removed_1e2, result.small_gamma_1e2.flops_removed},
                   {quantity::flops_removed_silent, result.inactive.flops_removed}});
  }
  return values;
}

/// Writes the rows of one training.
class PointWriter {
 public:
  PointWriter(SQLite::Database& database, const TrainingPoint& point,
              const std::vector<nets::LayerShape>& shapes)
      : database_(database), point_(point.index), shapes_(shapes), channel_(database, "channel", 11) {}

  void write(const EpochRows& rows) {
    const nets::EpochResult& epoch = rows.epoch;
    Insert(database_, "epoch", 8)
        .row(point_, epoch.round, epoch.epoch, epoch.step, checked(epoch.loss, "the loss"), epoch.accuracy,
             epoch.learning_rate, epoch.seconds);
    for (const nets::StepRecord& record : rows.records) write_channels(record.step, 0, record.records);
    if (rows.round) write_round(*rows.round);
  }

 private:
  void write_channels(std::int64_t step, std::int64_t round, const std::vector<nets::LayerRecord>& records) {
    for (const nets::LayerRecord& layer : records) {
      const std::int64_t position = layer_position(shapes_, layer.layer);
      std::int64_t index = 0;
      for (const nets::ChannelRecord& channel : layer.channels) {
        channel_.row(point_, step, round, position, index++, checked(channel.gamma, "gamma"),
                     checked(channel.beta, "beta"), checked(channel.filter_norm, "a filter's norm"),
                     channel.activation_probability, channel.gaussian_probability,
                     checked(channel.maximum, "an activation"));
      }
    }
  }

  /// Filters without normalisation have a norm alone.
  void write_norms(std::int64_t step, std::int64_t round, const std::vector<nets::FilterNorms>& layers) {
    for (const nets::FilterNorms& layer : layers) {
      const std::int64_t position = layer_position(shapes_, layer.layer);
      std::int64_t index = 0;
      for (const double norm : layer.norms) {
        channel_.row(point_, step, round, position, index++, nullptr, nullptr,
                     checked(norm, "a filter's norm"), nullptr, nullptr, nullptr);
      }
    }
  }

  void write_round(const RoundRows& rows) {
    const nets::RoundResult& result = rows.result;
    Insert value_row(database_, "round_value", 5);
    for (const auto& [name, value] : values_of(rows)) {
      value_row.row(point_, result.round, result.step, name, checked(value, name));
    }
    Insert layer_row(database_, "layer_value", 5);
    for (std::size_t i = 0; i < result.records.size(); ++i) {
      const std::int64_t position = layer_position(shapes_, result.records[i].layer);
      const auto insert = [&](const char* name, const nets::Collapse& collapse) {
        layer_row.row(point_, result.round, position, name, collapse.layer_shares[i]);
      };
      insert(quantity::small_gamma_share, result.small_gamma);
      insert(quantity::small_gamma_share_1e2, result.small_gamma_1e2);
      insert(quantity::silent_share, result.inactive);
    }
    if (result.records.empty())
      write_norms(result.step, result.round, rows.norms);
    else
      write_channels(result.step, result.round, result.records);
    write_gradients(result);
    Insert pruned_row(database_, "pruned", 9);
    for (const auto& [criterion, pruning] : rows.pruned) {
      pruned_row.row(point_, result.round, criterion, pruning.multiplications_before,
                     pruning.multiplications_after, pruning.accuracy_before, pruning.accuracy_after,
                     pruning.images_per_second_before, pruning.images_per_second_after);
    }
  }

  void write_gradients(const nets::RoundResult& result) {
    Insert row(database_, "gradient_moment", 9);
    for (std::size_t i = 0; i < result.gradients.size(); ++i) {
      const std::int64_t position = layer_position(shapes_, result.records[i].layer);
      std::int64_t index = 0;
      for (const nets::GradientRecord& gradient : result.gradients[i]) {
        row.row(point_, result.round, position, index++, checked(gradient.gamma_mean, "a gradient"),
                checked(gradient.beta_mean, "a gradient"), checked(gradient.gamma_variance, "a variance"),
                checked(gradient.beta_variance, "a variance"), checked(gradient.covariance, "a covariance"));
      }
    }
  }

  SQLite::Database& database_;
  std::int64_t point_;
  const std::vector<nets::LayerShape>& shapes_;
  Insert channel_;  ///< one for all rows: SQLite looks whether to stop after so much work of one statement
};

void delete_rows(SQLite::Database& database, const std::string& condition, std::int64_t point,
                 std::int64_t number) {
  SQLite::Statement statement(database, "DELETE FROM " + condition);
  statement.bind(1, point);
  statement.bind(2, number);
  statement.exec();
}

/// The rows of the epochs that a checkpoint stands after cannot be made again.
void require_epochs(SQLite::Database& database, const std::filesystem::path& folder,
                    const TrainingPoint& point, std::int64_t step) {
  SQLite::Statement query(database, "SELECT count(*) FROM epoch WHERE point = ? AND step <= ?");
  query.bind(1, point.index);
  query.bind(2, step);
  query.executeStep();
  const std::int64_t stored = query.getColumn(0).getInt64(), done = step / point.epoch_steps();
  if (stored != done) {
    throw InputError(fmt::format(
        "point {}: its checkpoint stands after epoch {}, but the store has {} of these epochs; bring back "
        "the store that belongs to the checkpoint, or delete {} to train the point anew",
        point.index, done, stored, checkpoint_path(folder, point.index).string()));
  }
}

std::string fingerprint_text(std::uint64_t fingerprint) { return fmt::format("{:016x}", fingerprint); }

std::optional<std::string> folder_fingerprint(const nets::TrainAndTest& data) {
  if (!data.folder_fingerprint) return {};
  return fingerprint_text(*data.folder_fingerprint);
}

/// All images of a run that come from a folder come from the same one.
void require_folder(SQLite::Database& database, const TrainingPoint& point, const nets::TrainAndTest& data) {
  const std::optional<std::string> here = folder_fingerprint(data);
  if (!here) return;
  SQLite::Statement others(database,
                           "SELECT point, dataset FROM environment WHERE folder_fingerprint <> ? LIMIT 1");
  others.bind(1, *here);
  if (others.executeStep()) {
    throw InputError(fmt::format(
        "point {}: this folder's images ({}) are not those that point {} of the same run was trained on "
        "({}); take the folder of those with --data, or another folder for the results with --out",
        point.index, data.train.name, others.getColumn(0).getInt64(), others.getColumn(1).getString()));
  }
}

void forget_environment(SQLite::Database& database, const TrainingPoint& point) {
  SQLite::Statement remove(database, "DELETE FROM environment WHERE point = ?");
  remove.bind(1, point.index);
  remove.exec();
}

void write_environment(SQLite::Database& database, const TrainingPoint& point, const std::string& engine,
                       const nets::TrainAndTest& data) {
  forget_environment(database, point);
  Insert(database, "environment", 7)
      .row(point.index, engine, fields::name_of(point.training.device), data.train.name,
           folder_fingerprint(data), fingerprint_text(nets::fingerprint(data.train)),
           fingerprint_text(nets::fingerprint(data.test)));
}

/// Gamma and beta of the probed channels must be those of the round's end.
void require_state_of_round(SQLite::Database& database, const TrainingPoint& point, std::int64_t round,
                            const std::vector<ProbedChannel>& channels) {
  SQLite::Statement query(database,
                          "SELECT gamma, beta FROM channel WHERE point = ? AND round = ? AND layer = ? AND "
                          "channel = ? AND step = ?");
  for (const ProbedChannel& channel : channels) {
    query.bind(1, point.index);
    query.bind(2, round);
    query.bind(3, channel.layer);
    query.bind(4, channel.channel);
    query.bind(5, round * point.round_steps());
    const bool same = query.executeStep() && query.getColumn(0).getDouble() == channel.neuron.gamma &&
                      query.getColumn(1).getDouble() == channel.neuron.beta;
    query.reset();
    if (same) continue;
    throw InputError(fmt::format(
        "point {}: gamma and beta of the checkpoint are not those that the store has of the end of round {}; "
        "{}",
        point.index, round,
        point.shuffle_weights_after == round
            ? "they were shuffled there: with \"checkpoints\": \"rounds\" in the section record, name the "
              "round with --round"
            : "bring back the checkpoint that belongs to the store"));
  }
}

template <class Visit>
void for_each_row(SQLite::Database& database, StoredNetworkRun& run, const std::string& sql,
                  const Visit& visit) {
  SQLite::Statement query(database, sql);
  while (query.executeStep()) {
    const std::int64_t index = query.getColumn(0).getInt64();
    const auto training =
        std::find_if(run.trainings.begin(), run.trainings.end(),
                     [&](const StoredTraining& candidate) { return candidate.index == index; });
    if (training != run.trainings.end()) visit(*training, query);
  }
}

StoredNetworkRun read_run(SQLite::Database& database, const std::string& file) {
  using Row = SQLite::Statement;
  StoredNetworkRun run;
  run.spec = stored_json(meta(database, "spec"), file);
  SQLite::Statement query(database,
                          "SELECT point, parameters, finished, rounds, epochs, epoch_steps FROM training "
                          "WHERE point < ? ORDER BY point");
  query.bind(1, points_of_spec(database));
  while (query.executeStep()) {
    StoredTraining training;
    training.index = query.getColumn(0).getInt64();
    training.parameters = stored_json(query.getColumn(1).getString(), file);
    training.finished = query.getColumn(2).getInt() != 0;
    training.rounds = query.getColumn(3).getInt64();
    training.epochs = query.getColumn(4).getInt64();
    training.epoch_steps = query.getColumn(5).getInt64();
    run.trainings.push_back(std::move(training));
  }
  for_each_row(database, run, "SELECT point, quantity, round, value FROM round_value",
               [](StoredTraining& training, Row& row) {
                 training.values[row.getColumn(1).getString()][row.getColumn(2).getInt64()] =
                     row.getColumn(3).getDouble();
               });
  for_each_row(
      database, run,
      "SELECT point, round, accuracy_after - accuracy_before, "
      "images_per_second_after / images_per_second_before, multiplications_after, accuracy_after FROM pruned "
      "WHERE criterion = 'small_gamma'",
      [](StoredTraining& training, Row& row) {
        const std::int64_t round = row.getColumn(1).getInt64();
        training.values[quantity::pruned_accuracy_change][round] = row.getColumn(2).getDouble();
        training.values[quantity::pruned_speedup][round] = row.getColumn(3).getDouble();
        training.pruned[round] = {row.getColumn(4).getDouble(), row.getColumn(5).getDouble()};
      });
  for_each_row(database, run,
               "SELECT point, round, step, layer, channel, gamma, maximum FROM channel "
               "WHERE gamma IS NOT NULL ORDER BY point, step, round, layer, channel",
               [](StoredTraining& training, Row& row) {
                 const std::int64_t round = row.getColumn(1).getInt64();
                 auto& channels = round > 0 ? training.channels_of_round[round]
                                            : training.channels_at_step[row.getColumn(2).getInt64()];
                 channels.push_back({row.getColumn(3).getInt64(), row.getColumn(4).getInt64(),
                                     row.getColumn(5).getDouble(), row.getColumn(6).getDouble()});
               });
  return run;
}

}  // namespace

std::vector<std::string> network_quantity::names() {
  return {test_accuracy,          test_loss,         train_accuracy,        train_loss,
          ensemble_accuracy,      small_gamma_share, small_gamma_share_1e2, silent_share,
          flops_removed,          flops_removed_1e2, flops_removed_silent,  small_norm_share,
          pruned_accuracy_change, pruned_speedup};
}

std::int64_t layer_position(const std::vector<nets::LayerShape>& shapes, const std::string& layer) {
  return std::find_if(shapes.begin(), shapes.end(),
                      [&](const nets::LayerShape& shape) { return shape.name == layer; }) -
         shapes.begin();
}

std::filesystem::path checkpoint_path(const std::filesystem::path& folder, std::int64_t point,
                                      std::int64_t round) {
  return folder / "checkpoints" /
         (round == 0 ? fmt::format("point-{:04}.safetensors", point)
                     : fmt::format("point-{:04}-round-{:03}.safetensors", point, round));
}

NetworkStore::NetworkStore(const std::filesystem::path& folder, const Spec& spec,
                           const RunEnvironment& environment, RunStore::Existing existing,
                           const std::atomic<bool>* stop)
    : file_(std::make_unique<StoreFile>(folder, spec, existing, stop, [&](SQLite::Database& database) {
        create_tables(database, network_store_schema, spec, environment, {{"kind", "networks"}});
      })) {}

NetworkStore::NetworkStore(const std::filesystem::path& folder, const Spec& spec,
                           const std::atomic<bool>* stop)
    : file_(std::make_unique<StoreFile>(folder, spec, stop)) {}

NetworkStore::~NetworkStore() = default;
NetworkStore::NetworkStore(NetworkStore&&) noexcept = default;
NetworkStore& NetworkStore::operator=(NetworkStore&&) noexcept = default;

std::set<std::int64_t> NetworkStore::finished_points() const {
  return file_->with([](SQLite::Database& database) {
    std::set<std::int64_t> points;
    SQLite::Statement query(database, "SELECT point FROM training WHERE finished AND point < ?");
    query.bind(1, points_of_spec(database));
    while (query.executeStep()) points.insert(query.getColumn(0).getInt64());
    return points;
  });
}

void NetworkStore::require_same_folder(const TrainingPoint& point, const nets::TrainAndTest& data) const {
  file_->with([&](SQLite::Database& database) { require_folder(database, point, data); });
}

void NetworkStore::begin(const TrainingPoint& point, const std::vector<nets::LayerShape>& shapes,
                         std::int64_t step, const std::string& engine, const nets::TrainAndTest& data) {
  file_->commit([&](SQLite::Database& database) {
    require_epochs(database, std::filesystem::path(file_->path()).parent_path(), point, step);
    SQLite::Statement known(database, "SELECT count(*) FROM training WHERE point = ?");
    known.bind(1, point.index);
    known.executeStep();
    if (known.getColumn(0).getInt() == 0) {
      Insert(database, "training", 8)
          .row(point.index, point.parameters.dump(), point.epoch_steps(), point.training.rounds,
               point.training.epochs, nets::multiplications(shapes), parameter_count(shapes), false);
      Insert layer_row(database, "layer", 8);
      std::int64_t position = 0;
      for (const nets::LayerShape& shape : shapes) {
        layer_row.row(point.index, position++, shape.name, shape.inputs, shape.outputs, shape.kernel,
                      shape.positions, shape.normalised);
      }
    }
    if (step == 0) forget_environment(database, point);  // it is trained anew
    require_folder(database, point, data);
    write_environment(database, point, engine, data);
    if (step < point.total_steps()) {
      SQLite::Statement statement(database, "UPDATE training SET finished = 0 WHERE point = ?");
      statement.bind(1, point.index);
      statement.exec();
      database.exec("DELETE FROM verdict");  // they are of what stood there
    }
    for (const char* table : {"epoch", "round_value"}) {
      delete_rows(database, std::string(table) + " WHERE point = ? AND step > ?", point.index, step);
    }
    delete_rows(database, "channel WHERE point = ? AND round > 0 AND step > ?", point.index, step);
    if (step < point.total_steps()) {
      // What is recorded at the step itself is written with the epoch that begins there.
      delete_rows(database, "channel WHERE point = ? AND round = 0 AND step >= ?", point.index, step);
    }
    const std::int64_t round = step / point.round_steps();
    for (const char* table : {"layer_value", "gradient_moment", "pruned", "probe"}) {
      delete_rows(database, std::string(table) + " WHERE point = ? AND round > ?", point.index, round);
    }
  });
}

void NetworkStore::write(const TrainingPoint& point, const std::vector<nets::LayerShape>& shapes,
                         const EpochRows& rows) {
  file_->commit_long([&](SQLite::Database& database) { PointWriter(database, point, shapes).write(rows); });
}

void NetworkStore::finish(const TrainingPoint& point) {
  file_->commit([&](SQLite::Database& database) {
    SQLite::Statement statement(database, "UPDATE training SET finished = 1 WHERE point = ?");
    statement.bind(1, point.index);
    statement.exec();
  });
}

void NetworkStore::write(const TrainingPoint& point, std::int64_t round, double learning_rate,
                         const std::vector<ProbedChannel>& channels) {
  file_->commit([&](SQLite::Database& database) {
    require_state_of_round(database, point, round, channels);
    delete_rows(database, "probe WHERE point = ? AND round = ?", point.index, round);
    Insert row(database, "probe", 14);
    for (const auto& [layer, channel, neuron, step] : channels) {
      row.row(point.index, round, layer, channel, neuron.gamma, neuron.beta, neuron.alpha, learning_rate,
              step.batches, step.noise, checked(step.drift_theorem1, "the drift"),
              checked(step.drift_signal, "the drift"), checked(step.drift_measured, "the drift"),
              checked(step.standard_error, "the drift's error"));
    }
  });
}

void NetworkStore::write(const std::vector<Verdict>& verdicts) {
  file_->commit([&](SQLite::Database& database) { replace_verdicts(database, verdicts); });
}

StoredNetworkRun NetworkStore::read() const {
  return file_->read([&](SQLite::Database& database) { return read_run(database, file_->path()); });
}

StoredNetworkRun read_stored_network_run(const std::filesystem::path& folder) {
  return with_store(folder, [&](SQLite::Database& database) {
    if (meta(database, "kind") != "networks") {
      throw InputError((folder / store_file_name).string() +
                       ": holds no trainings of networks; give a folder that `bncollapse train` wrote");
    }
    return read_run(database, (folder / store_file_name).string());
  });
}

}  // namespace bncollapse::study
