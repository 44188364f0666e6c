(window.fftData??={})["column-impact"]=JSON.parse('{"edits":[],"words":["this node reads that","this node may read that","this node reads none of that"]}');
