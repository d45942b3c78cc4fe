#include "bncollapse/study/network_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bncollapse/nets/fields.hpp"
#include "store/network_rows.hpp"
#include "store/read_points.hpp"
#include "store/store_file.hpp"

namespace bncollapse::study {

static std::int64_t index_of(const StoredTraining& training) { return training.index; }

namespace {

/// A filter's norm is small below this part of its layer's median.
constexpr double small_norm = 1e-2;

std::int64_t parameter_count(const std::vector<nets::LayerShape>& shapes) {
  std::int64_t count = 0;
  for (const nets::LayerShape& shape : shapes) {
    count += shape.inputs * shape.outputs * shape.kernel + (shape.normalised ? 2 : 1) * shape.outputs;
  }
  return count;
}

/// Writes the rows of one training.
class PointWriter {
 public:
  PointWriter(SQLite::Database& database, const TrainingPoint& point,
              const std::vector<nets::LayerShape>& shapes)
      : database_(database), point_(point.index), shapes_(shapes), insert_channel_(database) {}

  void write(const EpochRows& rows) {
    Insert<EpochRow>{database_}({rows.epoch, point_});
    for (const nets::StepRecord& record : rows.records) write_channels(record.step, 0, record.records);
    if (rows.round) write_round(*rows.round);
  }

 private:
  void write_channels(std::int64_t step, std::int64_t round, const std::vector<nets::LayerRecord>& records) {
    for (const nets::LayerRecord& layer : records) {
      ChannelRow row{.point = point_, .step = step, .round = round};
      row.layer = layer_position(shapes_, layer.layer);
      for (const nets::ChannelRecord& channel : layer.channels) {
        row.gamma = channel.gamma;
        row.beta = channel.beta;
        row.filter_norm = channel.filter_norm;
        row.activation_probability = channel.activation_probability;
        row.gaussian_probability = channel.gaussian_probability;
        row.maximum = channel.maximum;
        insert_channel_(row);
        ++row.channel;
      }
    }
  }

  /// Filters without normalisation have a norm alone.
  void write_norms(std::int64_t step, std::int64_t round, const std::vector<nets::FilterNorms>& layers) {
    for (const nets::FilterNorms& layer : layers) {
      ChannelRow row{.point = point_, .step = step, .round = round};
      row.layer = layer_position(shapes_, layer.layer);
      for (const double norm : layer.norms) {
        row.filter_norm = norm;
        insert_channel_(row);
        ++row.channel;
      }
    }
  }

  void write_round(const RoundRows& rows) {
    const nets::RoundResult& result = rows.result;
    Insert<RoundValueRow> insert_value(database_);
    Insert<LayerValueRow> insert_layer(database_);
    const bool has_gamma = !result.records.empty();
    for (const RoundQuantity& kind : round_quantities) {
      if (kind.needs_gamma && !has_gamma) continue;
      insert_value({point_, result.round, result.step, kind.quantity, kind.value(rows)});
      if (kind.collapse == nullptr) continue;
      for (std::size_t i = 0; i < result.records.size(); ++i) {
        insert_layer({point_, result.round, layer_position(shapes_, result.records[i].layer), kind.quantity,
                      (result.*kind.collapse).layer_shares[i]});
      }
    }
    if (has_gamma)
      write_channels(result.step, result.round, result.records);
    else
      write_norms(result.step, result.round, rows.norms);
    write_gradients(result);
    Insert<PrunedRow> insert_pruned(database_);
    for (const auto& [criterion, pruning] : rows.pruned)
      insert_pruned({pruning, point_, result.round, criterion});
  }

  void write_gradients(const nets::RoundResult& result) {
    Insert<GradientMomentRow> insert(database_);
    for (std::size_t i = 0; i < result.gradients.size(); ++i) {
      const std::int64_t layer = layer_position(shapes_, result.records[i].layer);
      std::int64_t channel = 0;
      for (const nets::GradientRecord& gradient : result.gradients[i])
        insert({gradient, point_, result.round, layer, channel++});
    }
  }

  SQLite::Database& database_;
  std::int64_t point_;
  const std::vector<nets::LayerShape>& shapes_;
  Insert<ChannelRow> insert_channel_;  ///< one for all rows: SQLite looks whether to stop after so much work
                                       ///< of one statement
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
  Insert<EnvironmentRow>{database}({point.index, engine, std::string(fields::name_of(point.training.device)),
                                    data.train.name, folder_fingerprint(data),
                                    fingerprint_text(nets::fingerprint(data.train)),
                                    fingerprint_text(nets::fingerprint(data.test))});
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

/// What checks judge of a network without its filters of small |gamma|, made of a row of `pruned`.
struct PrunedQuantity {
  Quantity quantity;
  double (*value)(const PrunedRow& row);
};

const PrunedQuantity pruned_quantities[] = {
    {pruned_accuracy_change, [](const PrunedRow& row) { return row.accuracy_after - row.accuracy_before; }},
    {{"pruned_speedup", "", "speed of the pruned network over that of the whole one"},
     [](const PrunedRow& row) { return row.images_per_second_after / row.images_per_second_before; }}};

StoredNetworkRun read_run(SQLite::Database& database) {
  StoredNetworkRun run{stored_json(meta(database, meta_key::spec)), {}};
  std::vector<StoredTraining>& trainings = run.trainings;
  for_each_row<TrainingRow>(
      database, "WHERE point < ? ORDER BY point",
      [&](TrainingRow& row) {
        trainings.push_back({.index = row.point,
                             .parameters = std::move(row.parameters),
                             .finished = row.finished,
                             .rounds = row.rounds,
                             .epochs = row.epochs,
                             .epoch_steps = row.epoch_steps,
                             .values = {},
                             .pruned = {},
                             .channels_of_round = {},
                             .channels_at_step = {}});
      },
      points_of_spec(database));
  for_each_row_of<RoundValueRow>(trainings, database, "",
                                 [](StoredTraining& training, const RoundValueRow& row) {
                                   training.values[row.quantity][row.round] = row.value;
                                 });
  for_each_row_of<PrunedRow>(
      trainings, database, "WHERE criterion = 'small_gamma'",
      [](StoredTraining& training, const PrunedRow& row) {
        for (const auto& [quantity, value] : pruned_quantities)
          training.values[quantity][row.round] = value(row);
        training.pruned[row.round] = {static_cast<double>(row.multiplications_after), row.accuracy_after};
      });
  for_each_row_of<ChannelRow>(
      trainings, database, "WHERE gamma IS NOT NULL ORDER BY point, step, round, layer, channel",
      [](StoredTraining& training, const ChannelRow& row) {
        auto& channels =
            row.round > 0 ? training.channels_of_round[row.round] : training.channels_at_step[row.step];
        channels.push_back({row.layer, row.channel, row.gamma.value_or(0), row.maximum.value_or(0)});
      });
  return run;
}

}  // namespace

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

std::vector<std::string> names_of_network_quantities() {
  std::vector<std::string> names;
  names.reserve(std::size(round_quantities) + std::size(pruned_quantities));
  for (const RoundQuantity& kind : round_quantities) names.push_back(kind.quantity);
  for (const PrunedQuantity& kind : pruned_quantities) names.push_back(kind.quantity);
  return names;
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

void NetworkStore::require_same_folder(const TrainingPoint& point, const nets::TrainAndTest& data) const {
  file().with([&](SQLite::Database& database) { require_folder(database, point, data); });
}

void NetworkStore::begin(const TrainingPoint& point, const std::vector<nets::LayerShape>& shapes,
                         std::int64_t step, const std::string& engine, const nets::TrainAndTest& data) {
  file().commit([&](SQLite::Database& database) {
    require_epochs(database, std::filesystem::path(file().path()).parent_path(), point, step);
    SQLite::Statement known(database, "SELECT 1 FROM point WHERE point = ?");
    known.bind(1, point.index);
    if (!known.executeStep()) {
      Insert<TrainingRow>{database}({point.index, point.parameters, point.epoch_steps(),
                                     point.training.rounds, point.training.epochs,
                                     nets::multiplications(shapes), parameter_count(shapes), false});
      Insert<LayerRow> insert_layer(database);
      std::int64_t layer = 0;
      for (const nets::LayerShape& shape : shapes) insert_layer({shape, point.index, layer++});
    }
    if (step == 0) forget_environment(database, point);  // it is trained anew
    require_folder(database, point, data);
    write_environment(database, point, engine, data);
    if (step < point.total_steps()) {
      SQLite::Statement statement(database, "UPDATE point SET finished = 0 WHERE point = ?");
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
  file().commit_long([&](SQLite::Database& database) { PointWriter(database, point, shapes).write(rows); });
}

void NetworkStore::finish(const TrainingPoint& point) {
  file().commit([&](SQLite::Database& database) {
    SQLite::Statement statement(database, "UPDATE point SET finished = 1 WHERE point = ?");
    statement.bind(1, point.index);
    statement.exec();
  });
}

void NetworkStore::write(const TrainingPoint& point, std::int64_t round, double learning_rate,
                         const std::vector<ProbedChannel>& channels) {
  file().commit([&](SQLite::Database& database) {
    require_state_of_round(database, point, round, channels);
    delete_rows(database, "probe WHERE point = ? AND round = ?", point.index, round);
    Insert<ProbeRow> insert(database);
    for (const auto& [layer, channel, neuron, step] : channels) {
      insert(
          {step, point.index, round, layer, channel, neuron.gamma, neuron.beta, neuron.alpha, learning_rate});
    }
  });
}

StoredNetworkRun NetworkStore::read() const { return file().read(read_run); }

StoredNetworkRun read_stored_network_run(const std::filesystem::path& folder) {
  return with_store(network_store_format(), folder, read_run);
}

}  // namespace bncollapse::study
