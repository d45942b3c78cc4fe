#include "shared_blocks.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "archive.hpp"

namespace bncollapse::sim {

template <class A, PartsOf<BlockResults> B>
void archive(A& a, B& b) {
  a(b.blocks), a(b.records), a(b.paths), a(b.diverged);
}
template <class A, PartsOf<Counts> C>
void archive(A& a, C& c) {
  a(c.histograms), a(c.first_activation), a(c.collapse_time);
}

void run_shared(const Communicator& communicator, std::int64_t blocks, std::int64_t share,
                const RunBlocks& run_blocks, const std::function<void(BlockResults&&)>& take,
                Counts& counts) {
  share = std::min(share, (blocks + communicator.size() - 1) / communicator.size());
  for (std::int64_t round = 0; round < blocks; round += share * communicator.size()) {
    std::vector<BlockResults> mine;
    const std::int64_t begin = std::min(round + share * communicator.rank(), blocks);
    const std::int64_t end = std::min(begin + share, blocks);
    run_blocks(begin, end, [&](BlockResults&& result) { mine.push_back(std::move(result)); });
    ByteWriter writer;
    writer(mine);
    for (const Bytes& bytes : communicator.gather(writer.take())) {
      ByteReader reader(bytes);
      std::vector<BlockResults> results;
      reader(results);
      for (BlockResults& result : results) take(std::move(result));
    }
  }
  ByteWriter writer;
  writer(counts);
  const std::vector<Bytes> all = communicator.gather(writer.take());
  for (std::size_t member = 1; member < all.size(); ++member) {
    Counts theirs = counts;
    ByteReader reader(all[member]);
    reader(theirs);
    counts.merge(theirs);
  }
}

}  // namespace bncollapse::sim
