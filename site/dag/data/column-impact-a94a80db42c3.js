(window.fftData??={})["column-impact"]=JSON.parse('{"edits":[["stg_users.ff",[1],[]]],"words":["this node reads that","this node may read that","this node reads none of that"]}');
