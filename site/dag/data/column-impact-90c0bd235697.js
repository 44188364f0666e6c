(window.fftData??={})["column-impact"]=JSON.parse('[["stg_users.ff","changed: full_name; reaches 1 column in 1 model; of the 1 node rebuilt for it 1 reads that",[1],[]]]');
